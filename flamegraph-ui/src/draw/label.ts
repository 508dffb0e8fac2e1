/**
 * The longest form of a name that fits: whole, without arguments, its last parts, cut with "…", or
 * "" when not even two letters do. The end of a name says more than its package.
 */
export function fitLabel(label: string, available: number, measure: (text: string) => number): string {
  if (measure(label) <= available) return label;
  for (const shorter of shorterForms(label)) {
    if (measure(shorter) <= available) return shorter;
  }
  return cut(shorterForms(label).at(-1) ?? label, available, measure);
}

/** Shorter names for the same function, longest first. */
export function shorterForms(label: string): string[] {
  const suffix = label.endsWith(" [k]") ? " [k]" : "";
  const bare = label.slice(0, label.length - suffix.length);
  const forms: string[] = [];
  const add = (form: string) => {
    if (form !== "" && form !== bare && !forms.includes(form)) forms.push(form);
  };
  const open = argumentsStart(bare);
  const withoutArguments = open > 0 ? bare.slice(0, open) : bare;
  add(withoutArguments);
  const parts = splitName(withoutArguments);
  for (let keep = parts.length - 1; keep >= 1; keep--) add(parts.slice(-keep).join("").replace(/^(::|[./])/, ""));
  return forms.map((form) => form + suffix);
}

/** Where the argument list of a C++ name begins, or -1; `operator()` and `(anonymous…` are none. */
function argumentsStart(name: string): number {
  if (!name.endsWith(")") && !name.endsWith("const")) return -1;
  let depth = 0;
  for (let i = name.lastIndexOf(")"); i > 0; i--) {
    if (name[i] === ")") depth++;
    else if (name[i] === "(" && --depth === 0) return name.slice(0, i).endsWith("operator") ? -1 : i;
  }
  return -1;
}

/** Parts of a name at `::`, `.` and `/` outside of brackets, each with the separator before it. */
function splitName(name: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < name.length; i++) {
    const c = name[i];
    if (c === "<" || c === "(" || c === "{" || c === "[") depth++;
    else if (c === ">" || c === ")" || c === "}" || c === "]") depth--;
    else if (depth === 0 && i > start && (c === "." || c === "/" || (c === ":" && name[i + 1] === ":"))) {
      parts.push(name.slice(start, i));
      start = i;
      if (c === ":") i++;
    }
  }
  parts.push(name.slice(start));
  return parts;
}

function cut(label: string, available: number, measure: (text: string) => number): string {
  let low = 0;
  let high = label.length;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (measure(`${label.slice(0, middle)}…`) <= available) low = middle;
    else high = middle - 1;
  }
  return low < 2 ? "" : `${label.slice(0, low)}…`;
}
