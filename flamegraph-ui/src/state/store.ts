import { batch, computed, effect, signal } from "@preact/signals";
import { Client, type Agents, type PodRow, type ProfileType, type SeriesRow, type ServiceRow, type Status, type Steps, type Times } from "../api/client";
import { isRelative, resolve } from "../format/range";
import { PENDING_MILLIS, timelineSpan } from "../format/timeline";
import type { DiffProfile, Profile } from "../model/decode";
import type { Calls } from "../model/calls";
import { ROUTE_GROUPS, type Requests } from "../model/endpoints";
import type { EdgeQuestion, Topology } from "../model/topology";
import type { Threads } from "../model/threads";
import type { TrafficOf } from "../model/traffic";
import { equalsValue, formatSelector, resourceMatchers, withEquals, type Matcher } from "../url/selector";
import { decodeState, encodeState, type Scope, type State } from "../url/state";
import { Resource } from "./resource";

export const client = new Client();

const first = decodeState(location.hash);
/** Everything that the address says. Change it by `go`. */
export const state = signal<State>(first.state);
/** What of the address could not be read. */
export const linkProblems = signal<string[]>(first.problems);

/**
 * Changes the state and the address. `replace` leaves no step for the back button: for typing, and
 * for what is changed many times in a row.
 */
export function go(change: Partial<State>, how: "push" | "replace" = "push"): void {
  const next = { ...state.peek(), ...change };
  const hash = encodeState(next);
  batch(() => {
    // A range relative to now is read from the clock again, unless that was just done.
    if ((change.a || change.b || change.type !== undefined) && Date.now() - lastTick > 5_000) refresh();
    state.value = next;
    linkProblems.value = [];
    if (hash === location.hash) return;
    history[how === "push" ? "pushState" : "replaceState"](null, "", hash);
  });
}

function readAddress(): void {
  const { state: next, problems } = decodeState(location.hash);
  batch(() => {
    state.value = next;
    linkProblems.value = problems;
  });
  if (problems.length === 0) history.replaceState(null, "", encodeState(next));
}

/** A range or a set of labels has changed: other frames are there, what was focused may be gone. */
export function goScope(a: Partial<Scope>, more: Partial<State> = {}): void {
  const { a: before } = state.peek();
  go({ a: { ...before, ...a }, focus: [], part: null, ...more });
}

/** The service's clock minus the browser's, in milliseconds. */
export const clockOffset = signal(0);
/** Grows whenever relative ranges are to be read anew. */
export const tick = signal(0);
export const now = computed(() => {
  void tick.value;
  return Date.now() + clockOffset.value;
});

let lastTick = Date.now();

/** Reads relative ranges anew and so loads what has come since. */
export function refresh(): void {
  lastTick = Date.now();
  tick.value++;
}

const timesKey = computed(() => {
  const { a } = state.value;
  return `${a.from}|${a.until}`;
});
export const times = computed(() => {
  void timesKey.value;
  return resolve(state.peek().a, now.value);
});

/** Until when everything has come: the last profiles and counts are still under way. */
export const knownUntil = computed(() => {
  const { until } = times.value;
  return following.value || until > Date.now() - PENDING_MILLIS ? until - PENDING_MILLIS : until;
});

export const selector = computed(() => selectorOf(state.value.a.matchers));
/** Whose frames are drawn: threads have ids of their own in each pod. */
export const drawnSelector = computed(() => {
  const { a, part } = state.value;
  return part && part.pod !== "" ? selectorOf(withEquals(a.matchers, "pod", part.pod)) : selector.value;
});
export const service = computed(() => equalsValue(state.value.a.matchers, "service_name"));
/** The service tells its oldest profile to the ten minutes. */
const OLDEST_MILLIS = 600_000;

/** Where profiles of this range begin: a store that has just started holds less than the range. */
export const coveredFrom = computed(() => {
  const { from } = times.value;
  const oldest = status.value.data?.oldestMillis ?? 0;
  const data = services.value.data;
  if (oldest + OLDEST_MILLIS < from || !data || services.value.stale) return from;
  let first = Infinity;
  for (const { values } of data.services) {
    const i = values.findIndex((value) => value > 0);
    if (i >= 0 && i < first) first = i;
  }
  return first === Infinity ? from : Math.max(from, data.startMillis + first * data.stepMillis);
});

export function selectorOf(matchers: readonly Matcher[]): string {
  return matchers.length === 0 ? "" : formatSelector(matchers);
}

export const status = new Resource<Status>();
export const agents = new Resource<Agents>();
export const profileTypes = new Resource<ProfileType[]>();
export const services = new Resource<Steps & { services: ServiceRow[] }>();
export const series = new Resource<Steps & { series: SeriesRow[] }>();
export const flamegraph = new Resource<Profile>();
export const diff = new Resource<DiffProfile>();
/** Courses of both sides over the timeline. */
export const courses = new Resource<{ a: Course; b: Course }>();
/** What there is of requests in a range: of all that is selected over time, and by endpoint. */
export interface RequestsOf {
  range: Times;
  total: Requests;
  routes: Requests;
}
export const requests = new Resource<RequestsOf>();
/** Requests and the network over time, of what is explored. */
export const traffic = new Resource<TrafficOf>();
/** What each thread of what is explored took over time. */
export const threads = new Resource<Threads>();
/** Requests and the network of one edge of the map, over time. */
export const edgeTraffic = new Resource<TrafficOf>();
/** Which services call which, in a range. */
export const topology = new Resource<{ range: Times; map: Topology }>();
export const calls = new Resource<Calls>();
/** Incomplete share of the largest services. */
export const incompleteByService = new Resource<{ service: string; total: number; incomplete: number }[]>();

type Course = Steps & { series: SeriesRow[] };
const podsByService = new Map<string, Resource<Steps & { pods: PodRow[] }>>();

export function podsOf(name: string): Resource<Steps & { pods: PodRow[] }> {
  let pods = podsByService.get(name);
  if (!pods) podsByService.set(name, (pods = new Resource()));
  return pods;
}

const SPARK_POINTS = 48;
const CHART_POINTS = 240;
const THREAD_POINTS = 600;
const THREADS = 100;

/** True once the clock of the service is known, so that no range is asked for twice. */
const ready = signal(false);

function loadHealth(): void {
  const key = String(Date.now());
  status.load(key, async (signal) => {
    const asked = Date.now();
    const answer = await client.status(signal);
    // Half the way there and back, in whole milliseconds as the service takes them. A second of
    // difference, or less than the answer took, is no skew but the network.
    const answered = Date.now();
    const offset = Math.round(answer.nowMillis - (asked + answered) / 2);
    if (Math.abs(offset - clockOffset.peek()) > Math.max(1000, answered - asked)) clockOffset.value = offset;
    return answer;
  });
  agents.load(key, (signal) => client.agents(signal));
}

function loadServices(): void {
  const { type, a } = state.value;
  const range = times.value;
  services.load(`${range.from}|${range.until}|${type}`, (signal) => client.services(range, type, SPARK_POINTS, signal), `${a.from}|${a.until}|${type}`);
}

function loadExplore(): void {
  const { type, focus, a, part } = state.value;
  const range = times.value;
  const query = selector.value;
  const key = `${range.from}|${range.until}|${type}`;
  const question = `${a.from}|${a.until}|${type}`;
  const ask = `|${query}`;
  const look = `|${focus.join("\0")}`;
  profileTypes.load(`${range.from}|${range.until}`, (signal) => client.profileTypes(range, signal));
  loadServices();
  series.load(key + ask, (signal) => client.series(range, type, query, CHART_POINTS, signal), question + ask);
  const drawn = drawnSelector.value;
  const cut = part ? JSON.stringify([part, type, drawn]) : "";
  flamegraph.load(
    (cut || key + ask) + look,
    (signal) => client.flamegraph(range, type, drawn, focus, signal, undefined, part),
    (cut || question + ask) + look,
  );
}

function loadEndpoints(): void {
  const { role, a } = state.value;
  const range = times.value;
  const query = selector.value;
  const load = async (signal: AbortSignal) => {
    const [total, routes] = await Promise.all([
      client.requests(range, role, query, [], CHART_POINTS, signal),
      client.requests(range, role, query, ROUTE_GROUPS, 1, signal),
    ]);
    return { range, total, routes };
  };
  loadServices();
  requests.load(JSON.stringify([range, role, query]), load, JSON.stringify([a.from, a.until, role, query]));
}

/** Requests of those who answer; of a service that answers none, those that it sends. */
function loadTraffic(): void {
  const { a } = state.value;
  const range = times.value;
  const query = selectorOf(resourceMatchers(a.matchers));
  const load = async (signal: AbortSignal): Promise<TrafficOf> => {
    const [edges, answered] = await Promise.all([
      client.edges(range, query, CHART_POINTS, signal),
      client.requests(range, "server", query, [], CHART_POINTS, signal),
    ]);
    if (!answered.empty) return { range, role: "server", requests: answered, edges };
    return { range, role: "client", requests: await client.requests(range, "client", query, [], CHART_POINTS, signal), edges };
  };
  traffic.load(JSON.stringify([range, query]), load, JSON.stringify([a.from, a.until, query]));
}

function loadThreads(): void {
  const { type, a } = state.value;
  const range = times.value;
  const query = selector.value;
  threads.load(JSON.stringify([range, type, query]), (signal) => client.threads(range, type, query, THREAD_POINTS, THREADS, signal), JSON.stringify([a.from, a.until, type, query]));
}

function loadMap(): void {
  const { a } = state.value;
  const range = times.value;
  const query = selectorOf(resourceMatchers(a.matchers));
  loadServices();
  topology.load(JSON.stringify([range, query]), async (signal) => ({ range, map: await client.topology(range, query, signal) }), JSON.stringify([a.from, a.until, query]));
}

/** Loads what an edge of the map did over time. */
export function loadEdge(id: string, { role, requests: asked, network }: EdgeQuestion): void {
  const range = times.value;
  const load = async (signal: AbortSignal): Promise<TrafficOf> => {
    const [edges, requests] = await Promise.all([
      client.edges(range, selectorOf(network), CHART_POINTS, signal),
      client.requests(range, role, selectorOf(asked), [], CHART_POINTS, signal),
    ]);
    return { range, role, requests, edges };
  };
  edgeTraffic.load(JSON.stringify([range, id]), load, id);
}

function loadCalls(): void {
  const { calls: filters, a } = state.value;
  const range = times.value;
  const query = selectorOf(resourceMatchers(a.matchers));
  const { span, most, ...which } = filters;
  loadServices();
  calls.load(JSON.stringify([range, query, most, which]), (signal) => client.calls(range, query, filters, signal), JSON.stringify([a.from, a.until, query, which]));
}

function loadPods(): void {
  const { type, open, a } = state.value;
  const range = times.value;
  for (const name of open) {
    const load = (signal: AbortSignal) => client.pods(range, type, name, SPARK_POINTS, signal);
    podsOf(name).load(`${range.from}|${range.until}|${type}`, load, `${a.from}|${a.until}|${type}`);
  }
}

/** So many services are asked for what of them is incomplete. */
const INCOMPLETE_SERVICES = 12;

function loadIncomplete(): void {
  const { type, a } = state.value;
  const rows = services.value.data?.services ?? [];
  if (rows.length === 0 || services.value.stale) return;
  const range = times.value;
  const names = rows.slice(0, INCOMPLETE_SERVICES).map((row) => row.service);
  const load = (signal: AbortSignal) =>
    Promise.all(
      names.map(async (service) => {
        const query = formatSelector([{ label: "service_name", op: "=", value: service }]);
        const { total, incomplete } = await client.flamegraph(range, type, query, [], signal, 1);
        return { service, total, incomplete };
      }),
    );
  incompleteByService.load(`${range.from}|${range.until}|${type}|${names.join("\0")}`, load, `${a.from}|${a.until}|${type}`);
}

/** Both sides as the service is asked for them. */
export const sides = computed(() => {
  const { a, b } = state.value;
  return {
    a: { query: selectorOf(a.matchers), ...resolve(a, now.value) },
    b: { query: selectorOf(b.matchers), ...resolve(b, now.value) },
  };
});

let shownTimeline: { from: number; until: number } | null = null;

/** What the timeline of a comparison shows. */
export const timeline = computed(() => {
  const { a, b } = sides.value;
  shownTimeline = timelineSpan(a, b, state.value.timeline, now.value, shownTimeline);
  return shownTimeline;
});

function loadTimeline(): void {
  const { type } = state.value;
  const { a, b } = sides.value;
  const span = timeline.value;
  const load = async (signal: AbortSignal) => {
    const first = client.series(span, type, a.query, CHART_POINTS, signal);
    const second = a.query === b.query ? first : client.series(span, type, b.query, CHART_POINTS, signal);
    return { a: await first, b: await second };
  };
  courses.load(JSON.stringify([type, a.query, b.query, span]), load, JSON.stringify([type, a.query, b.query]));
}

function loadCompare(): void {
  const { type, focus } = state.value;
  const { a, b } = sides.value;
  profileTypes.load(`${b.from}|${b.until}`, (signal) => client.profileTypes(b, signal));
  diff.load(JSON.stringify([type, a, b, focus]), (signal) => client.diff(type, a, b, focus, signal));
}

/** Asks again for what has failed. */
export function retry(): void {
  loadHealth();
  refresh();
}

const HEALTH_MILLIS = 15_000;
const LIVE_MILLIS = 15_000;

/** True while somebody reads the picture: then it does not change under the pointer. */
export const reading = signal(false);

/** Whether live refresh rests, and why. */
/** Whether what is seen follows the clock. */
export const following = computed(() => state.value.page !== "compare" && state.value.live && isRelative(state.value.a));
export const paused = computed(() => {
  if (!following.value) return "";
  if (hidden.value) return "tab is hidden";
  if (state.value.selected.length > 0) return "a frame is selected";
  if (state.value.part) return "a part of the time is selected";
  if (state.value.calls.span !== "") return "a call is selected";
  return "";
});
const hidden = signal(document.hidden);

/** Starts loading, and follows the address and the clock. */
export function start(): void {
  addEventListener("popstate", readAddress);
  addEventListener("hashchange", readAddress);
  document.addEventListener("visibilitychange", () => (hidden.value = document.hidden));
  // The address says at once what range is shown; a broken one stays as it was given.
  if (first.problems.length === 0) go(service.peek() !== "" && state.peek().open.length === 0 ? { open: [service.peek()] } : {}, "replace");
  effect(() => {
    if (!ready.value) {
      const { data, error } = status.value;
      if (data || error) ready.value = true;
      return;
    }
    const { page } = state.value;
    if (page === "explore") loadExplore();
    else if (page === "compare") loadCompare();
    else if (page === "map") loadMap();
    else if (page === "calls") loadCalls();
    else loadEndpoints();
  });
  effect(() => {
    if (ready.value && state.value.page === "explore" && state.value.traffic) loadTraffic();
  });
  effect(() => {
    if (ready.value && state.value.page === "explore" && state.value.threads) loadThreads();
  });
  effect(() => {
    if (ready.value && state.value.page === "compare") loadTimeline();
  });
  effect(() => {
    if (ready.value && state.value.page === "explore" && state.value.panel === "incomplete") loadIncomplete();
  });
  effect(() => {
    if (ready.value && state.value.page !== "compare") loadPods();
  });
  effect(() => {
    if (!following.value || paused.value !== "") return;
    let due = false;
    const timer = setInterval(() => {
      if (reading.peek()) due = true;
      else refresh();
    }, LIVE_MILLIS);
    const stop = reading.subscribe((held) => {
      if (held || !due) return;
      due = false;
      refresh();
    });
    return () => {
      clearInterval(timer);
      stop();
    };
  });
  // Without profiles yet, look for the first one by ourselves.
  effect(() => {
    if (status.value.data?.newestMillis !== 0) return;
    const timer = setInterval(() => retry(), 3_000);
    return () => clearInterval(timer);
  });
  loadHealth();
  setInterval(() => {
    if (!document.hidden) loadHealth();
  }, HEALTH_MILLIS);
}
