import type { Basis } from "../diff/diff";
import type { Show } from "../diff/filter";
import { allCalls, type CallFilters } from "../model/calls";
import { ENDPOINT_KEYS, type EndpointKey, type Role } from "../model/endpoints";
import { EDGE_KEYS, type EdgeKey } from "../model/edge-keys";
import { DEFAULT_RANGE, resolvePoint, type Range } from "../format/range";
import type { Part } from "../model/threads";
import { formatTransform, MAX_TRANSFORMS, parseTransform, type Transform } from "../model/transform";
import { putCalls, takeCalls } from "./calls";
import { putPart, takePart } from "./part";
import { formatSelector, parseSelector, type Matcher } from "./selector";

export type Page = "explore" | "compare" | "endpoints" | "map" | "calls";
export type Panel = "top" | "tree" | "incomplete" | "none";
export type SortKey = "self" | "total" | "name";
/** What the table of changes is ordered by; "" is the difference in the chosen basis. */
export type ChangeKey = "" | "a" | "b" | "rate" | "share" | "name";
/** Length of the timeline of a comparison; "" is as long as both sides need. */
export const TIMELINES = ["", "1h", "6h", "24h", "7d", "30d"] as const;
export type TimelineLength = (typeof TIMELINES)[number];

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
  /** Side B of a comparison, which is compared with A, the baseline. */
  b: Scope;
  basis: Basis;
  /** What of a comparison is shown. */
  show: Show;
  by: ChangeKey;
  timeline: TimelineLength;
  /** Whose requests the endpoints are of: of those who answer or of those who ask. */
  role: Role;
  /** What the endpoints are ordered by. */
  order: EndpointKey;
  /** Whether requests and the network are shown over time, beside the profile's course. */
  traffic: boolean;
  /** Whether it is shown what each thread took over time. */
  threads: boolean;
  /** The part of time and threads that the flame graph is of; null for all of the range. */
  part: Part | null;
  /** Node or edge of the map that is looked at; "" for none. */
  pick: string;
  /** What the edges of the map are ordered by. */
  edgeOrder: EdgeKey;
  /** Which calls are listed. */
  calls: CallFilters;
  /** Function whose callers and callees are shown in place of the whole; "" for none. */
  fn: string;
  /** Changes of what is drawn. */
  transforms: Transform[];
  /** Path of the frame that fills the width. */
  zoom: string[];
  /** Path of the selected frame. */
  selected: string[];
  /** Whether the source lines of the selected function are listed. */
  lines: boolean;
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
  /** Whether ranges that end now are loaded again by themselves. */
  live: boolean;
  /** Services whose pods are listed. */
  open: string[];
}

export const VERSION = "1";
/** Longer paths are cut: links must fit into what browsers and chats take. */
export const MAX_PATH = 512;
const MAX_OPEN = 64;

export function initialState(): State {
  return {
    page: "explore",
    type: "",
    a: { ...DEFAULT_RANGE, matchers: [] },
    b: { ...DEFAULT_RANGE, matchers: [] },
    basis: "rate",
    show: "all",
    by: "",
    timeline: "",
    role: "server",
    order: "rate",
    traffic: true,
    threads: false,
    part: null,
    pick: "",
    edgeOrder: "health",
    calls: allCalls(),
    fn: "",
    transforms: [],
    zoom: [],
    selected: [],
    lines: false,
    focus: [],
    search: "",
    panel: "top",
    sort: "self",
    ascending: false,
    filter: "",
    upward: false,
    live: true,
    open: [],
  };
}

/** Another page on the same labels and range, without what concerns only the page before. */
export function onPage(page: Page, { a, type, live, open }: State): State {
  return { ...initialState(), page, a, type, live, open };
}

/**
 * The state as the part of an address after `#`. It stands there, not in the query, because paths
 * of deep stacks are longer than servers accept. Defaults are left out, except the range: a link says
 * what time it shows.
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
    put("show", state.show, start.show);
    put("by", state.by, start.by);
    put("timeline", state.timeline, start.timeline);
  }
  if (state.page === "endpoints") {
    put("role", state.role, start.role);
    put("order", state.order, start.order);
  }
  if (state.page === "map") {
    put("pick", state.pick, start.pick);
    put("edges", state.edgeOrder, start.edgeOrder);
  }
  if (state.page === "explore") {
    if (!state.traffic) params.append("traffic", "0");
    if (state.threads) params.append("threads", "1");
    putPart(params, state.part);
  }
  if (state.page === "calls") putCalls(params, state.calls);
  put("fn", state.fn, start.fn);
  for (const one of state.transforms.slice(0, MAX_TRANSFORMS)) params.append("f", formatTransform(one));
  for (const name of state.zoom.slice(0, MAX_PATH)) params.append("zoom", name);
  for (const name of state.selected.slice(0, MAX_PATH)) params.append("sel", name);
  put("lines", state.lines ? "1" : "", "");
  for (const name of state.focus.slice(0, MAX_PATH)) params.append("focus", name);
  put("find", state.search, start.search);
  put("panel", state.panel, start.panel);
  put("sort", state.sort, start.sort);
  put("asc", state.ascending ? "1" : "", "");
  put("filter", state.filter, start.filter);
  put("up", state.upward ? "1" : "", "");
  put("live", state.live ? "1" : "0", "1");
  for (const name of state.open.slice(0, MAX_OPEN)) params.append("open", name);
  return `#/${state.page}?${params.toString()}`;
}

function putScope(params: URLSearchParams, scope: Scope, suffix: string): void {
  if (scope.matchers.length > 0) params.append(`q${suffix}`, formatSelector(scope.matchers));
  params.append(`from${suffix}`, scope.from);
  params.append(`to${suffix}`, scope.until);
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
  if (path === "compare" || path === "endpoints" || path === "map" || path === "calls") state.page = path;
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
  state.show = oneOf(params, "show", ["all", "a", "b", "changed"], state.show, problems);
  state.by = oneOf(params, "by", ["", "a", "b", "rate", "share", "name"], state.by, problems);
  state.timeline = oneOf(params, "timeline", TIMELINES, state.timeline, problems);
  state.role = oneOf(params, "role", ["server", "client"], state.role, problems);
  state.order = oneOf(params, "order", ENDPOINT_KEYS, state.order, problems);
  state.traffic = params.get("traffic") !== "0";
  if (state.page === "explore") {
    state.threads = params.get("threads") === "1";
    state.part = takePart(params, problems);
  }
  state.pick = params.get("pick") ?? "";
  state.edgeOrder = oneOf(params, "edges", EDGE_KEYS, state.edgeOrder, problems);
  if (path === "calls") state.calls = takeCalls(params, problems);
  state.fn = params.get("fn") ?? "";
  state.transforms = takeTransforms(params, problems);
  state.zoom = params.getAll("zoom").slice(0, MAX_PATH);
  state.selected = params.getAll("sel").slice(0, MAX_PATH);
  state.lines = params.get("lines") === "1";
  state.focus = params.getAll("focus").slice(0, MAX_PATH);
  state.search = params.get("find") ?? "";
  state.panel = oneOf(params, "panel", ["top", "tree", "incomplete", "none"], state.panel, problems);
  state.sort = oneOf(params, "sort", ["self", "total", "name"], state.sort, problems);
  state.ascending = params.get("asc") === "1";
  state.filter = params.get("filter") ?? "";
  state.upward = params.get("up") === "1";
  state.live = params.get("live") !== "0";
  state.open = params.getAll("open").slice(0, MAX_OPEN);
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

function takeTransforms(params: URLSearchParams, problems: string[]): Transform[] {
  const list: Transform[] = [];
  for (const text of params.getAll("f").slice(0, MAX_TRANSFORMS)) {
    const one = parseTransform(text);
    if (one) list.push(one);
    else problems.push(`f is “${clip(text)}”, it must be unnamed, below:NAME, hide:NAME or drop:NAME`);
  }
  return list;
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
