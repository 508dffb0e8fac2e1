import type { Basis } from "../diff/diff";
import { DEFAULT_RANGE, resolvePoint, type Range } from "../format/range";
import { formatSelector, parseSelector, type Matcher } from "./selector";

export type Page = "explore" | "compare";
export type Panel = "top" | "tree" | "none";
export type SortKey = "self" | "total" | "name";

/** What profiles are looked at: conditions on labels, and a time range. */
export interface Scope extends Range {
  matchers: Matcher[];
}

/** Everything that a link must restore. */
export interface State {
  page: Page;
  /** Id of the profile type; empty is the service's default (CPU). */
  type: string;
  a: Scope;
  /** Side B of a comparison; the earlier side is A. */
  b: Scope;
  basis: Basis;
  /** Path of the frame that fills the width. */
  zoom: string[];
  /** Path of the selected frame. */
  selected: string[];
  /** Path below which the service was asked for more detail. */
  focus: string[];
  search: string;
  panel: Panel;
  sort: SortKey;
  ascending: boolean;
  /** Filter of the table. */
  filter: string;
  /** Root at the bottom. */
  upward: boolean;
  live: boolean;
}

export const VERSION = "1";
/** Longer paths are cut: links must fit into what browsers and chats take. */
export const MAX_PATH = 512;

export function initialState(): State {
  return {
    page: "explore",
    type: "",
    a: { ...DEFAULT_RANGE, matchers: [] },
    b: { ...DEFAULT_RANGE, matchers: [] },
    basis: "rate",
    zoom: [],
    selected: [],
    focus: [],
    search: "",
    panel: "top",
    sort: "self",
    ascending: false,
    filter: "",
    upward: false,
    live: false,
  };
}

/**
 * The state as the part of an address after `#`. It stands there, not in the query, because paths
 * of deep stacks are longer than servers accept. Defaults are left out.
 */
export function encodeState(state: State): string {
  const params = new URLSearchParams();
  const start = initialState();
  const put = (key: string, value: string, standard: string) => {
    if (value !== standard) params.append(key, value);
  };
  params.append("v", VERSION);
  put("type", state.type, start.type);
  putScope(params, state.a, "");
  if (state.page === "compare") {
    putScope(params, state.b, "B");
    put("basis", state.basis, start.basis);
  }
  for (const name of state.zoom.slice(0, MAX_PATH)) params.append("zoom", name);
  for (const name of state.selected.slice(0, MAX_PATH)) params.append("sel", name);
  for (const name of state.focus.slice(0, MAX_PATH)) params.append("focus", name);
  put("find", state.search, start.search);
  put("panel", state.panel, start.panel);
  put("sort", state.sort, start.sort);
  put("asc", state.ascending ? "1" : "", "");
  put("filter", state.filter, start.filter);
  put("up", state.upward ? "1" : "", "");
  put("live", state.live ? "1" : "", "");
  return `#/${state.page}?${params.toString()}`;
}

function putScope(params: URLSearchParams, scope: Scope, suffix: string): void {
  if (scope.matchers.length > 0) params.append(`q${suffix}`, formatSelector(scope.matchers));
  if (scope.from !== DEFAULT_RANGE.from) params.append(`from${suffix}`, scope.from);
  if (scope.until !== DEFAULT_RANGE.until) params.append(`to${suffix}`, scope.until);
}

/** What could not be read from an address, in words; the rest of it is used. */
export interface Decoded {
  state: State;
  problems: string[];
}

/** Reads an address. Hostile or old ones yield the default for each broken part, and say so. */
export function decodeState(hash: string): Decoded {
  const state = initialState();
  const problems: string[] = [];
  const [path, query = ""] = split(hash.replace(/^#\/?/, ""), "?");
  if (path === "compare") state.page = "compare";
  else if (path !== "" && path !== "explore") problems.push(`there is no page “${clip(path)}”`);
  const params = new URLSearchParams(query);
  const version = params.get("v");
  if (version !== null && version !== VERSION) {
    problems.push(`the link is of version ${clip(version)}, this page reads version ${VERSION}`);
    return { state, problems };
  }
  state.type = params.get("type") ?? "";
  state.a = takeScope(params, "", problems);
  state.b = takeScope(params, "B", problems);
  state.basis = oneOf(params, "basis", ["rate", "share"], state.basis, problems);
  state.zoom = params.getAll("zoom").slice(0, MAX_PATH);
  state.selected = params.getAll("sel").slice(0, MAX_PATH);
  state.focus = params.getAll("focus").slice(0, MAX_PATH);
  state.search = params.get("find") ?? "";
  state.panel = oneOf(params, "panel", ["top", "tree", "none"], state.panel, problems);
  state.sort = oneOf(params, "sort", ["self", "total", "name"], state.sort, problems);
  state.ascending = params.get("asc") === "1";
  state.filter = params.get("filter") ?? "";
  state.upward = params.get("up") === "1";
  state.live = params.get("live") === "1";
  return { state, problems };
}

function takeScope(params: URLSearchParams, suffix: string, problems: string[]): Scope {
  const selector = params.get(`q${suffix}`);
  const matchers = selector === null ? [] : parseSelector(selector);
  if (matchers === null) problems.push(`q${suffix} is no selector: ${clip(selector ?? "")}`);
  const from = params.get(`from${suffix}`) ?? DEFAULT_RANGE.from;
  const until = params.get(`to${suffix}`) ?? DEFAULT_RANGE.until;
  const start = resolvePoint(from, Date.now());
  const end = resolvePoint(until, Date.now());
  if (start === null || end === null || start >= end) {
    problems.push(`from${suffix} and to${suffix} are no time range: ${clip(from)}, ${clip(until)}`);
    return { ...DEFAULT_RANGE, matchers: matchers ?? [] };
  }
  return { from, until, matchers: matchers ?? [] };
}

function oneOf<T extends string>(
  params: URLSearchParams,
  key: string,
  allowed: readonly T[],
  standard: T,
  problems: string[],
): T {
  const value = params.get(key);
  if (value === null) return standard;
  if ((allowed as readonly string[]).includes(value)) return value as T;
  problems.push(`${key} is “${clip(value)}”, it must be one of ${allowed.join(", ")}`);
  return standard;
}

function split(text: string, at: string): [string, string?] {
  const i = text.indexOf(at);
  return i < 0 ? [text] : [text.slice(0, i), text.slice(i + 1)];
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
