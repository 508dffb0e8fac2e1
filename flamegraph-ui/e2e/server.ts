import { createReadStream, existsSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { callsAnswer } from "./calls.ts";
import { diffColumns, large, random, shop, shopFocused, type Columns } from "./profiles.ts";
import { edgesAnswer, topologyAnswer } from "./network.ts";
import { requestsAnswer } from "./requests.ts";
import { threadsAnswer } from "./threads.ts";

/** What the made-up service is to answer; a test changes it and puts it back by `reset`. */
export interface Scene {
  /** Reason for which there is nothing, or "". */
  empty: "" | "no-series" | "no-profiles-in-range" | "type-not-present" | "store-empty";
  samples: number;
  /** Reason for which there are no requests, or "". */
  noRequests: "" | "no-requests-known" | "no-series" | "no-requests-in-range";
  /** Reason for which nothing of the network is known, or "". */
  noNetwork: "" | "no-network-known" | "no-series" | "no-network-in-range";
  /** Reason for which there are no calls, or "". */
  noCalls: "" | "no-calls-known" | "no-calls-in-range" | "no-calls-of-service" | "no-calls-fulfil";
  /** Whether samples do not say when they were taken. */
  noTimes: boolean;
  /** Milliseconds before a flame graph is answered. */
  delay: number;
  /** Answer to flame graph, diff, requests, calls and map: an error, if not 200. */
  status: number;
  hiddenNodes: number;
  nodes: number;
  profilers: string[];
  agents: object[];
  jvms: object[];
  /** State of the recording of each next look, the last one for ever. */
  recordingStates: string[];
  /** How far the service's clock is ahead of the browser's, in milliseconds. */
  ahead: number;
  /** Raw body for the flame graph, instead of a good one. */
  body: string | null;
}

const CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
const RECORDINGS = "agents/node-1/recordings";
export const UI = join(import.meta.dirname, "../target/classes/META-INF/flarepath-ui");

export function agent(change: object = {}): object {
  const now = Date.now();
  return {
    node: "node-1",
    version: "0.1.0",
    state: "sampling",
    reason: "",
    frequencyHz: 97,
    startedMillis: now - 3600_000,
    lastSeenMillis: now - 2000,
    online: true,
    clockSkewMillis: 12,
    kernel: "6.1.0-31-amd64",
    counters: {},
    ...change,
  };
}

function normal(): Scene {
  return { empty: "", samples: 12_410, noRequests: "", noNetwork: "", noCalls: "", noTimes: false, delay: 0, status: 200, hiddenNodes: 0, nodes: 0, profilers: ["flarepath"], agents: [agent()], jvms: [jvm()], recordingStates: ["ordered", "recording", "done"], ahead: 0, body: null };
}

export function jvm(change: object = {}): object {
  return { node: "node-1", records: true, pid: 4711, namespace: "shop", pod: "checkout-7d9f8c-x2k4q", version: "25.0.3+9", state: "trusted", reason: "", ...change };
}

/** A service that holds made-up profiles and gives out the built page under a strict content policy. */
export class MockServer {
  scene: Scene = normal();
  /** Paths and queries of all requests to /api. */
  requests: string[] = [];
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));
  /** What was ordered. */
  orders: { pid: number; kinds: string[]; seconds: number }[] = [];
  private looks = 0;
  private readonly cache = new Map<number, Columns>();

  async start(port = 0): Promise<string> {
    await new Promise<void>((done) => this.server.listen(port, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }

  reset(change: Partial<Scene> = {}): void {
    this.scene = { ...normal(), ...change };
    this.requests = [];
    this.orders = [];
    this.looks = 0;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://x");
    if (!url.pathname.startsWith("/api/v1/")) return this.file(url.pathname, response);
    this.requests.push(`${url.pathname}${url.search}`);
    const path = url.pathname.slice("/api/v1/".length);
    const drawn = path === "flamegraph" || path === "diff" || path === "requests" || path === "topology" || path === "calls";
    if (drawn && this.scene.delay > 0) await new Promise((done) => setTimeout(done, this.scene.delay));
    if (drawn && this.scene.status !== 200) {
      return json(response, { code: "overloaded", message: "too many queries wait (64 of 64): try again in a second" }, this.scene.status);
    }
    if (path === "flamegraph" && this.scene.body !== null) return raw(response, this.scene.body);
    const body = request.method === "POST" ? await this.order(path, request) : this.body(path, url.searchParams);
    if (body) json(response, body);
    else json(response, { code: "not-found", message: `no such path: ${path}` }, 404);
  }

  private body(path: string, query: URLSearchParams): object | null {
    if (path === "status") return this.status();
    if (path === "agents") return { agents: this.scene.agents, serverClockMillis: Date.now() };
    if (path === "jvms") return { jvms: this.scene.jvms };
    if (path === RECORDINGS) return { recordings: this.recordings() };
    if (path === "profile-types") return { profileTypes: profileTypes() };
    if (path === "labels") return { names: ["namespace", "node", "pod", "profiler", "service_name", "version"] };
    if (/^labels\/.*\/values$/.test(path)) return { values: ["checkout", "cart", "search"] };
    if (path === "services") return this.services(query);
    if (path === "pods") return this.pods(query);
    if (path === "series") return this.series(query);
    if (path === "requests") return requestsAnswer(query, this.scene.noRequests);
    if (path === "edges") return edgesAnswer(query, this.scene.noNetwork);
    if (path === "topology") return topologyAnswer(query, this.scene.noNetwork);
    if (path === "calls") return callsAnswer(query, this.scene.noCalls);
    if (path === "flamegraph") return this.flamegraph(query);
    if (path === "threads") return threadsAnswer(query, this.scene.noTimes);
    if (path === "lines") return this.lines(query);
    if (path === "diff") return this.diff(query);
    return null;
  }

  private async order(path: string, request: IncomingMessage): Promise<object | null> {
    if (path !== RECORDINGS) return null;
    this.orders.push((await bodyOf(request)) as { pid: number; kinds: string[]; seconds: number });
    return this.recording(this.orders.length - 1, "ordered");
  }

  private recordings() {
    const { recordingStates } = this.scene;
    const state = this.orders.length === 0 ? "" : recordingStates[Math.min(this.looks++, recordingStates.length - 1)];
    return this.orders.map((_, i) => this.recording(i, state));
  }

  private recording(i: number, state: string) {
    const message = state === "failed" ? "process 4711 is not recorded: attaching is disabled in it (-XX:+DisableAttachMechanism)" : "";
    return { name: `r${i}`, createdMillis: Date.now() - 5000, state, message, ...this.orders[i] };
  }

  private status() {
    const none = this.scene.empty === "store-empty";
    const now = Date.now() + this.scene.ahead;
    return { version: "0.1.0", nowMillis: now, oldestMillis: none ? 0 : now - 86400e3, newestMillis: none ? 0 : now - 8000, profiles: 812, series: 37, bytesOnDisk: 18_400_000 };
  }

  private steps(query: URLSearchParams) {
    const from = Number(query.get("from"));
    const until = Number(query.get("until"));
    const points = Number(query.get("points") ?? 60);
    const stepMillis = Math.max(1000, Math.ceil((until - from) / points / 1000) * 1000);
    const startMillis = Math.floor(from / stepMillis) * stepMillis;
    return { startMillis, stepMillis, unit: "nanoseconds", count: Math.ceil((until - startMillis) / stepMillis) };
  }

  private course(query: URLSearchParams, seed: number, cores: number): number[] {
    const { count, stepMillis } = this.steps(query);
    const next = random(seed);
    let at = 0.8;
    return Array.from({ length: count }, (_, i) => {
      at = Math.max(0.3, Math.min(1.4, at + (next() - 0.5) * 0.22 + (i === Math.floor(count * 0.6) ? 0.45 : 0)));
      return Math.round(at * cores * stepMillis * 1e6);
    });
  }

  private services(query: URLSearchParams) {
    const { count: _, ...steps } = this.steps(query);
    const names = ["checkout", "search", "cart", "payments", "recommendation-engine", "postgres", "redis", "kernel", "node-exporter", "kubelet", "containerd", "sshd"];
    const services = names.map((service, i) => {
      const values = this.course(query, 100 + i, 1.9 * 0.62 ** i);
      const total = values.reduce((sum, value) => sum + value, 0);
      return { service, profiler: this.scene.profilers[0], profilers: this.profilers(total), total, pods: i < 5 ? 3 : 0, values };
    });
    return { ...steps, services: this.scene.empty ? [] : services };
  }

  /** The first took most samples. */
  private profilers(total: number) {
    return this.scene.profilers.map((name, i) => ({ name, total: Math.round(total / (i + 1)), samples: Math.round(this.scene.samples / (i + 1)) }));
  }

  private pods(query: URLSearchParams) {
    const { count: _, ...steps } = this.steps(query);
    const pods = ["7d9f8c-x2k4q", "7d9f8c-p8m2z", "7d9f8c-q1z9w"].map((suffix, i) => {
      const values = this.course(query, 200 + i, 0.9 * 0.6 ** i);
      return { pod: `${query.get("service")}-${suffix}`, namespace: "shop", node: "node-1", container: "app", total: values.reduce((s, v) => s + v, 0), values };
    });
    return { ...steps, profiler: "flarepath", profilers: [], pods };
  }

  private series(query: URLSearchParams) {
    const { count: _, ...steps } = this.steps(query);
    const values = this.course(query, 7, 1.9);
    const total = values.reduce((s, v) => s + v, 0);
    const series = this.scene.empty ? [] : [{ labels: {}, total, values }];
    return { ...steps, profiler: "flarepath", profilers: [], series };
  }

  private columns(scale: number): Columns {
    const size = this.scene.nodes;
    if (size === 0) return shop(scale);
    if (!this.cache.has(size)) this.cache.set(size, large(size, 42));
    return this.cache.get(size)!;
  }

  private flamegraph(query: URLSearchParams) {
    const from = Number(query.get("from"));
    const until = Number(query.get("until"));
    const focus = query.getAll("focus");
    const none: Columns = { names: [], files: [], mappings: [], buildIds: [], kinds: [], nodes: { parent: [-1], name: [0], file: [0], mapping: [0], kind: [0], flags: [0], self: [0], total: [0] } };
    const cores = (until - from) / 1000 / 5.4;
    const columns = this.scene.empty ? none : focus.length > 0 ? shopFocused(focus) : this.columns(cores);
    const total = columns.nodes.total[0];
    return {
      type: query.get("type") ?? CPU,
      unit: "nanoseconds",
      fromMillis: from,
      untilMillis: until,
      total,
      samples: this.scene.empty ? 0 : this.scene.samples,
      seconds: (until - from) / 1000,
      hiddenNodes: focus.length > 0 ? 0 : this.scene.hiddenNodes,
      ...this.chosen(query, total),
      incomplete: Math.round(total * 0.014),
      incompleteReasons: [
        { reason: "[no frame pointer]", total: Math.round(total * 0.01) },
        { reason: "[stack-too-deep]", total: Math.round(total * 0.004) },
      ],
      empty: this.emptiness(),
      ...columns,
    };
  }

  private lines(query: URLSearchParams) {
    const total = this.columns((Number(query.get("until")) - Number(query.get("from"))) / 1000 / 5.4).nodes.total[0];
    const line = (at: number, approximate: boolean, share: number) => ({ file: "com/shop/json/Json.java", line: at, approximate, self: Math.round(total * share), total: Math.round(total * share * 2) });
    const found = query.get("function") === "com/shop/json/Json.parse" ? [line(42, false, 0.1), line(57, true, 0.04)] : [];
    return { type: query.get("type") ?? CPU, unit: "nanoseconds", profiler: this.scene.profilers[0], total, hiddenLines: 0, lines: found };
  }

  /** A query that names a profiler finds only that one. */
  private chosen(query: URLSearchParams, total: number) {
    const named = /profiler="([^"]+)"/.exec(query.get("query") ?? "")?.[1];
    const all = this.profilers(total);
    return named ? { profiler: named, profilers: all.filter(({ name }) => name === named) } : { profiler: this.scene.profilers[0], profilers: all };
  }

  private emptiness() {
    const messages: Record<string, string> = {
      "no-series": "no series matches {service_name=\"nothing\"}",
      "no-profiles-in-range": "the series has no profile in this range; the newest is 8 s old",
      "type-not-present": "there is no profile of this type for these series",
      "store-empty": "no profile has been stored yet",
    };
    return this.scene.empty ? { reason: this.scene.empty, message: messages[this.scene.empty] } : null;
  }

  private diff(query: URLSearchParams) {
    const seconds = (side: string) => (Number(query.get(`until${side}`)) - Number(query.get(`from${side}`))) / 1000;
    const a = shop(seconds("A") / 5.4);
    const b = shop((seconds("B") / 5.4) * 1.03, 2.1, 0.35);
    const side = (columns: Columns, name: string) => ({
      total: columns.nodes.total[0],
      samples: Math.round((columns.nodes.total[0] / 1e9) * 97 * (this.scene.samples / 100)),
      seconds: seconds(name),
      fromMillis: Number(query.get(`from${name}`)),
      untilMillis: Number(query.get(`until${name}`)),
      profiler: "flarepath",
      profilers: [],
      incomplete: name === "A" ? 0 : Math.round(columns.nodes.total[0] * 0.08),
      incompleteReasons: name === "A" ? [] : [{ reason: "[no frame pointer]", total: Math.round(columns.nodes.total[0] * 0.08) }],
      empty: null,
    });
    return { type: CPU, unit: "nanoseconds", hiddenNodes: 0, empty: this.emptiness(), a: side(a, "A"), b: side(b, "B"), ...diffColumns(a, b) };
  }

  private file(path: string, response: ServerResponse): void {
    const name = path === "/" ? "index.html" : normalize(path).replace(/^(\.\.[/\\])+/, "");
    const file = join(UI, name);
    if (!existsSync(file)) return json(response, { code: "not-found", message: path }, 404);
    const types: Record<string, string> = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
    const gz = existsSync(`${file}.gz`);
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "content-security-policy": "default-src 'self'",
      "cache-control": "no-cache",
      ...(gz ? { "content-encoding": "gzip" } : {}),
    });
    createReadStream(gz ? `${file}.gz` : file).pipe(response);
  }
}

function profileTypes() {
  const type = (id: string) => {
    const [name, sampleType, sampleUnit, periodType, periodUnit] = id.split(":");
    return { id, name, sampleType, sampleUnit, periodType, periodUnit };
  };
  return [type("memory:alloc_in_new_tlab_bytes:bytes:space:bytes"), type(CPU)];
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const part of request) text += String(part);
  return JSON.parse(text);
}

function json(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function raw(response: ServerResponse, body: string): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(body);
}
