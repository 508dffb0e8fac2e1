import { DecodeError, decodeDiff, decodeProfile, type DiffProfile, type Profile, type ProfilerTotal } from "../model/decode";
import type { CallFilters, Calls } from "../model/calls";
import type { Requests, Role } from "../model/endpoints";
import type { EdgeCourse } from "../model/traffic";
import type { Topology } from "../model/topology";
import { partParams, type Part, type Threads } from "../model/threads";

/** A request that was not answered with what was asked for. */
export class ApiError extends Error {
  override name = "ApiError";

  /**
   * @param status the HTTP status, 0 when there was no answer at all
   * @param code the service's word for programs
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly path: string,
  ) {
    super(message);
  }
}

export interface Times {
  from: number;
  until: number;
}

export interface Status {
  version: string;
  nowMillis: number;
  oldestMillis: number;
  newestMillis: number;
  profiles: number;
  series: number;
  bytesOnDisk: number;
}

export interface ProfileType {
  id: string;
  name: string;
  sampleType: string;
  sampleUnit: string;
}

/** Equal steps of time; values are totals of a step, in the unit. */
export interface Steps {
  startMillis: number;
  stepMillis: number;
  unit: string;
}

export interface ServiceRow {
  service: string;
  profiler: string;
  profilers: ProfilerTotal[];
  total: number;
  pods: number;
  values: number[];
}

export interface PodRow {
  pod: string;
  namespace: string;
  node: string;
  container: string;
  total: number;
  values: number[];
}

export interface SeriesRow {
  labels: Record<string, string>;
  total: number;
  values: number[];
}

export type AgentState = "starting" | "sampling" | "degraded" | "stopping";

export interface Agent {
  node: string;
  version: string;
  state: AgentState;
  reason: string;
  frequencyHz: number;
  startedMillis: number;
  lastSeenMillis: number;
  online: boolean;
  /** The agent's clock minus the service's. */
  clockSkewMillis: number;
  kernel: string;
  counters: Record<string, number>;
}

export interface Agents {
  agents: Agent[];
  serverClockMillis: number;
}

export type JvmState = "starting" | "trusted" | "refused";

/** A JVM that an agent samples. */
export interface Jvm {
  node: string;
  /** Whether the agent of the node makes recordings. */
  records: boolean;
  pid: number;
  namespace: string;
  pod: string;
  version: string;
  state: JvmState;
  /** Why its Java frames have no names; else empty. */
  reason: string;
}

export type RecordingKind = "cpu" | "wall" | "allocations" | "live" | "locks";

/** A recording of a JVM that somebody ordered. */
export interface Recording {
  name: string;
  pid: number;
  kinds: RecordingKind[];
  seconds: number;
  createdMillis: number;
  state: "ordered" | "recording" | "done" | "failed";
  /** Why it failed; else empty. */
  message: string;
}

/** What one source line of a function took. */
export interface SourceLine {
  /** Empty when it is not known. */
  file: string;
  /** 0 when it is not known. */
  line: number;
  /** Whether the line is only near. */
  approximate: boolean;
  self: number;
  total: number;
}

export interface SourceLines {
  unit: string;
  /** Of all that is selected, not of the function. */
  total: number;
  /** The longest come first; so many more are left out. */
  hiddenLines: number;
  lines: SourceLine[];
}

type Params = Record<string, string | number | readonly string[] | undefined>;

/** The service's /api/v1. Addresses are relative, so that the page works below any prefix. */
export class Client {
  constructor(private readonly fetcher: typeof fetch = (input, init) => fetch(input, init)) {}

  status(signal?: AbortSignal): Promise<Status> {
    return this.get<Status>("status", {}, signal);
  }

  agents(signal?: AbortSignal): Promise<Agents> {
    return this.get<Agents>("agents", {}, signal);
  }

  async jvms(service: string, signal?: AbortSignal): Promise<Jvm[]> {
    return (await this.get<{ jvms: Jvm[] }>("jvms", { service }, signal)).jvms;
  }

  /** The recordings of a node, the latest last. */
  async recordings(node: string, signal?: AbortSignal): Promise<Recording[]> {
    return (await this.get<{ recordings: Recording[] }>(recordingsPath(node), {}, signal)).recordings;
  }

  /** Orders a recording; the answer is the order, which has a name now. */
  record(node: string, pid: number, kinds: readonly RecordingKind[], seconds: number): Promise<Recording> {
    return this.ask<Recording>(`api/v1/${recordingsPath(node)}`, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify({ pid, kinds, seconds }),
    });
  }

  async profileTypes(times: Times, signal?: AbortSignal): Promise<ProfileType[]> {
    return (await this.get<{ profileTypes: ProfileType[] }>("profile-types", { ...times }, signal)).profileTypes;
  }

  async labels(times: Times, query: string, signal?: AbortSignal): Promise<string[]> {
    return (await this.get<{ names: string[] }>("labels", { ...times, query }, signal)).names;
  }

  async labelValues(times: Times, name: string, query: string, signal?: AbortSignal): Promise<string[]> {
    const path = `labels/${encodeURIComponent(name)}/values`;
    return (await this.get<{ values: string[] }>(path, { ...times, query }, signal)).values;
  }

  services(times: Times, type: string, points: number, signal?: AbortSignal): Promise<Steps & { services: ServiceRow[] }> {
    return this.get("services", { ...times, type, points }, signal);
  }

  pods(times: Times, type: string, service: string, points: number, signal?: AbortSignal): Promise<Steps & { pods: PodRow[] }> {
    return this.get("pods", { ...times, type, service, points }, signal);
  }

  series(times: Times, type: string, query: string, points: number, signal?: AbortSignal): Promise<Steps & { series: SeriesRow[] }> {
    return this.get("series", { ...times, type, query, points }, signal);
  }

  /** Requests by group and step; at most `points` steps. */
  requests(times: Times, role: Role, query: string, groupBy: readonly string[], points: number, signal?: AbortSignal): Promise<Requests> {
    return this.get("requests", { ...times, role, query, groupBy, points }, signal);
  }

  /** The source lines of a function, whoever called it. */
  lines(times: Times, type: string, query: string, name: string, signal?: AbortSignal): Promise<SourceLines> {
    return this.get("lines", { ...times, type, query, function: name }, signal);
  }

  /** TCP and UDP over time, of all that is selected together; at most `points` steps. */
  edges(times: Times, query: string, points: number, signal?: AbortSignal): Promise<EdgeCourse> {
    return this.get("edges", { ...times, query, points }, signal);
  }

  /** Which services call which; edges that touch a selected one. */
  topology(times: Times, query: string, signal?: AbortSignal): Promise<Topology> {
    return this.get("topology", { ...times, query }, signal);
  }

  /** Single calls. */
  calls(times: Times, query: string, filters: CallFilters, signal?: AbortSignal): Promise<Calls> {
    const { end, protocol, method, route, status, peer, errors, slower, trace, first, most } = filters;
    const asked = { role: end, protocol, method, route, status, peer, error: errors ? "true" : "", minDuration: slower, traceId: trace };
    return this.get("calls", { ...times, query, ...asked, order: first, limit: most }, signal);
  }

  /** What each thread took over time; at most `points` steps and `most` threads. */
  threads(times: Times, type: string, query: string, points: number, most: number, signal?: AbortSignal): Promise<Threads> {
    return this.get("threads", { ...times, type, query, points, threads: most }, signal);
  }

  /** The tree of a range, or of a part of its time and threads. */
  async flamegraph(
    times: Times,
    type: string,
    query: string,
    focus: readonly string[],
    signal?: AbortSignal,
    maxNodes?: number,
    part: Part | null = null,
  ): Promise<Profile> {
    return this.decoded(
      "flamegraph",
      { ...times, ...(part ? partParams(part) : {}), type, query, focus, ...(maxNodes === undefined ? {} : { maxNodes }) },
      decodeProfile,
      signal,
    );
  }

  /** Where a flame graph can be had as a file, whole; in the format of {@link flamegraph} when none is named. */
  flamegraphAddress(times: Times, type: string, query: string, format: string, part: Part | null = null): string {
    return `api/v1/flamegraph${queryOf({ ...times, ...(part ? partParams(part) : {}), type, query, format })}`;
  }

  async diff(
    type: string,
    a: { query: string } & Times,
    b: { query: string } & Times,
    focus: readonly string[],
    signal?: AbortSignal,
  ): Promise<DiffProfile> {
    const params = {
      type,
      queryA: a.query,
      fromA: a.from,
      untilA: a.until,
      queryB: b.query,
      fromB: b.from,
      untilB: b.until,
      focus,
    };
    return this.decoded("diff", params, decodeDiff, signal);
  }

  private async decoded<T>(path: string, params: Params, decode: (json: unknown) => T, signal?: AbortSignal): Promise<T> {
    const json = await this.get<unknown>(path, params, signal);
    try {
      return decode(json);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new ApiError(200, "unreadable", `The service's answer cannot be drawn: ${error.message}`, path);
    }
  }

  private async get<T>(path: string, params: Params, signal?: AbortSignal): Promise<T> {
    return this.ask<T>(`api/v1/${path}${queryOf(params)}`, { headers: { accept: "application/json" }, ...(signal ? { signal } : {}) });
  }

  private async ask<T>(address: string, init: RequestInit): Promise<T> {
    let response: Response;
    try {
      response = await this.fetcher(address, init);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError(0, "unreachable", "The service does not answer. Is it running?", address);
    }
    const body = await bodyOf(response, address);
    if (!response.ok) {
      const { code = String(response.status), message = response.statusText } = (body ?? {}) as { code?: string; message?: string };
      throw new ApiError(response.status, code, message, address);
    }
    return body as T;
  }
}

function recordingsPath(node: string): string {
  return `agents/${encodeURIComponent(node)}/recordings`;
}

async function bodyOf(response: Response, address: string): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    if (!response.ok) return null;
    throw new ApiError(response.status, "unreadable", "The service's answer is no JSON: is a proxy in between?", address);
  }
}

function queryOf(params: Params): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (Array.isArray(value)) for (const one of value as string[]) query.append(key, one);
    else if (value !== undefined && value !== "") query.append(key, String(value));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
