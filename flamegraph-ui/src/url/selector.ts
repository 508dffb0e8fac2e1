/** One condition on a label. */
export interface Matcher {
  label: string;
  op: Op;
  value: string;
}

export type Op = "=" | "!=" | "=~" | "!~";
export const OPS: readonly Op[] = ["=", "!=", "=~", "!~"];

/** `{service_name="x",pod=~"a.*"}`; `{}` for no condition. */
export function formatSelector(matchers: readonly Matcher[]): string {
  return `{${matchers.map((m) => `${m.label}${m.op}"${escape(m.value)}"`).join(",")}}`;
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Reads a selector; null when it is none. */
export function parseSelector(text: string): Matcher[] | null {
  const inner = /^\s*\{([\s\S]*)\}\s*$/.exec(text);
  if (!inner) return null;
  const matchers: Matcher[] = [];
  const one = /\s*([^\s=!~"{},]+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\[\s\S])*)"\s*(,|$)/y;
  const body = inner[1];
  while (one.lastIndex < body.length) {
    if (body.slice(one.lastIndex).trim() === "") break;
    const found = one.exec(body);
    if (!found) return null;
    matchers.push({ label: found[1], op: found[2] as Op, value: unescape(found[3]) });
  }
  return matchers;
}

function unescape(value: string): string {
  return value.replace(/\\([\s\S])/g, (_, c: string) => (c === "n" ? "\n" : c));
}

/** The value that a label must equal, or "". */
export function equalsValue(matchers: readonly Matcher[], label: string): string {
  return matchers.find((m) => m.label === label && m.op === "=")?.value ?? "";
}

/** The matchers with one label set to a value, or freed of it when the value is empty. */
export function withEquals(matchers: readonly Matcher[], label: string, value: string): Matcher[] {
  const others = matchers.filter((m) => m.label !== label);
  return value === "" ? others : [...others, { label, op: "=", value }];
}

/** The matchers that say which service and pods are meant, which requests and the network have as well as profiles. */
export function resourceMatchers(matchers: readonly Matcher[]): Matcher[] {
  return matchers.filter(({ label }) => label !== "profiler");
}

/** The matchers that profiles can have: counts of requests have their attributes, which are spelt with dots, and a scope besides. */
export function profileMatchers(matchers: readonly Matcher[]): Matcher[] {
  return matchers.filter(({ label }) => label !== "scope" && !label.includes("."));
}
