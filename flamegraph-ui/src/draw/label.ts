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

/** Marks of the kernel and of inlined frames; they stay when a name is shortened. */
const SUFFIX = /( \[[ki]\])+$/;
/** Template arguments of up to so many letters stay. */
const SHORT_ARGUMENTS = 8;

/**
 * The name for a bar: without arguments, marks of the compiler, and long template arguments, which
 * stand as `<…>`. `std::map<std::string, int>::find(std::string const&)` is `std::map<…>::find`.
 */
export function barName(label: string): string {
  const suffix = SUFFIX.exec(label)?.[0] ?? "";
  const bare = label.slice(0, label.length - suffix.length).replace(/ \[clone [^\]]*\]| \(\.[a-z][^)]*\)$|\[abi:[^\]]*\]/g, "");
  const open = argumentsStart(bare);
  return (open > 0 ? withoutType(foldTemplates(bare.slice(0, open))) : foldTemplates(bare)) + suffix;
}

/** Templates are named with the type they return: `void std::sort<…>`. */
function withoutType(name: string): string {
  let depth = 0;
  for (let i = name.length - 1; i > 0; i--) {
    const c = name[i];
    if (c === ">" || c === ")" || c === "}") depth++;
    else if (c === "<" || c === "(" || c === "{") depth--;
    else if (c === " " && depth === 0 && !name.slice(0, i).endsWith("operator")) return name.slice(i + 1);
  }
  return name;
}

/** Replaces `<…>` after a name; a leading `<` (Rust's `<T as Trait>::run`) and operators stay. */
function foldTemplates(name: string): string {
  let out = "";
  for (let i = 0; i < name.length; i++) {
    const isList = name[i] === "<" && i > 0 && /[\w:~]/.test(name[i - 1]) && !out.endsWith("operator");
    const end = isList ? closing(name, i) : -1;
    if (end < 0) {
      out += name[i];
      // The brackets of an operator open nothing.
      if (out.endsWith("operator")) while (/[<>=\-]/.test(name[i + 1] ?? "")) out += name[++i];
      continue;
    }
    out += end - i - 1 > SHORT_ARGUMENTS ? "<…>" : name.slice(i, end + 1);
    i = end;
  }
  return out;
}

function closing(name: string, open: number): number {
  let depth = 0;
  for (let i = open; i < name.length; i++) {
    if (name[i] === "<") depth++;
    else if (name[i] === ">" && name[i - 1] !== "-" && --depth === 0) return i;
  }
  return -1;
}

/** Shorter names for the same function, longest first. */
export function shorterForms(label: string): string[] {
  const suffix = SUFFIX.exec(label)?.[0] ?? "";
  const bare = label.slice(0, label.length - suffix.length);
  // The end of an address without its file would look like a name.
  if (/\+0x[0-9a-f]+$| · no symbols$/.test(bare)) return [];
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
