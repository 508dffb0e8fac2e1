const SLOT = 10_000;

/** What TCP does between the made-up services, in a second. */
interface Made {
  from: string;
  to: string;
  port: string;
  protocol: string;
  rate: number;
  /** Share of 1 that fails. */
  failed: number;
  /** Seconds, at the client and at the server; the server's is null where it is not watched. */
  p99: number;
  served: number | null;
  /** Share of the packets that are sent again. */
  again: number;
  connectFailures: number;
}

const EDGES: Made[] = [
  { from: "address:203.0.113.9", to: "service:frontend", port: "443", protocol: "http", rate: 140, failed: 0, p99: 0.21, served: 0.21, again: 0.0004, connectFailures: 0 },
  { from: "service:frontend", to: "service:checkout", port: "8080", protocol: "http", rate: 41, failed: 0.02, p99: 0.96, served: 0.9, again: 0, connectFailures: 0 },
  { from: "service:frontend", to: "service:search", port: "8080", protocol: "http", rate: 90, failed: 0, p99: 0.08, served: 0.07, again: 0, connectFailures: 0 },
  { from: "service:checkout", to: "service:payments", port: "9090", protocol: "rpc", rate: 30, failed: 0, p99: 0.4, served: 0.2, again: 0.034, connectFailures: 0 },
  { from: "service:checkout", to: "service:postgres", port: "5432", protocol: "postgresql", rate: 290, failed: 0.0005, p99: 0.009, served: 0.008, again: 0, connectFailures: 0 },
  { from: "service:checkout", to: "address:10.9.0.7:6379", port: "6379", protocol: "redis", rate: 12, failed: 0, p99: 0.002, served: null, again: 0, connectFailures: 7 },
  { from: "service:search", to: "service:postgres", port: "5432", protocol: "postgresql", rate: 80, failed: 0, p99: 0.012, served: 0.011, again: 0, connectFailures: 0 },
  { from: "service:payments", to: "service:checkout", port: "8081", protocol: "http", rate: 2, failed: 0, p99: 0.05, served: 0.04, again: 0, connectFailures: 0 },
  { from: "service:search", to: "others:called", port: "443", protocol: "", rate: 0, failed: 0, p99: 0, served: null, again: 0, connectFailures: 0 },
];

const COUNTED = ["bytesSent", "bytesReceived", "packetsSent", "packetsReceived", "connects", "connectFailures", "retransmits", "resetsSent", "resetsReceived", "drops", "zeroWindows", "acceptOverflows", "tlsRead", "tlsUnseen", "datagramBytesSent", "datagramBytesReceived"] as const;

function timed(count: number, errors: number, p99: number): object | null {
  return count === 0 ? null : { count, errors, mean: p99 / 4, p50: p99 / 8, p99 };
}

function end(edge: Made, seconds: number, isClient: boolean): object {
  const packets = Math.round((edge.rate * 2 + 10) * seconds);
  const counts: Record<string, number> = Object.fromEntries(COUNTED.map((name) => [name, 0]));
  Object.assign(counts, { bytesSent: packets * 300, bytesReceived: packets * 900, packetsSent: packets, packetsReceived: packets, connects: 20 });
  counts.retransmits = Math.round(packets * edge.again);
  counts.connectFailures = isClient ? edge.connectFailures : 0;
  // What comes from outside is encrypted; the service behind it is written in Go.
  if (edge.port === "443") counts.tlsUnseen = 20;
  const times = { count: 10, p50: 0.0004, p90: 0.0006, p99: 0.001 };
  return { ...counts, active: 4, reasons: edge.connectFailures > 0 && isClient ? { connectFailures: { ECONNREFUSED: edge.connectFailures } } : {}, connect: times, rtt: times };
}

function emptyness(reason: string): object | null {
  return reason === "" ? null : { reason, message: `the service says ${reason}` };
}

/** What the service answers to /api/v1/topology. */
export function topologyAnswer(query: URLSearchParams, reason: string): object {
  const seconds = (Number(query.get("until")) - Number(query.get("from"))) / 1000;
  const service = /service_name="([^"]*)"/.exec(query.get("query") ?? "")?.[1];
  const kept = reason !== "" ? [] : EDGES.filter(({ from, to }) => service === undefined || [from, to].includes(`service:${service}`));
  const ids = [...new Set(kept.flatMap(({ from, to }) => [from, to]))];
  const nodes = ids.map((id) => {
    const [kind] = id.split(":", 1);
    const asked = kept.filter(({ to, rate }) => to === id && rate > 0 && kind === "service");
    const count = asked.reduce((sum, { rate }) => sum + Math.round(rate * seconds), 0);
    const errors = asked.reduce((sum, { rate, failed }) => sum + Math.round(rate * failed * seconds), 0);
    return { id, kind, name: id.slice(kind.length + 1), count: kind === "others" ? 37 : 1, acceptOverflows: 0, requests: timed(count, errors, Math.max(0, ...asked.map(({ p99 }) => p99))) };
  });
  const edges = kept.map((edge) => {
    const watched = (id: string) => id.startsWith("service:");
    const count = Math.round(edge.rate * seconds);
    const errors = Math.round(edge.rate * edge.failed * seconds);
    return {
      from: edge.from,
      to: edge.to,
      ports: [edge.port],
      addresses: ["10.0.0.7"],
      addressCount: 1,
      protocols: edge.protocol === "" ? [] : [edge.protocol],
      shared: false,
      sent: watched(edge.from) ? timed(count, errors, edge.p99) : null,
      answered: watched(edge.to) && edge.served !== null ? timed(count, errors, edge.served) : null,
      networkSeconds: watched(edge.from) && edge.served !== null ? (edge.p99 - edge.served) / 4 : null,
      client: watched(edge.from) ? end(edge, seconds, true) : null,
      server: watched(edge.to) && edge.served !== null ? end(edge, seconds, false) : null,
    };
  });
  return { nodes, edges, empty: emptyness(reason !== "" ? reason : kept.length === 0 ? "no-series" : "") };
}

/** What the service answers to /api/v1/edges with points: everything together. */
export function edgesAnswer(query: URLSearchParams, reason: string): object {
  const [from, until, points] = ["from", "until", "points"].map((name) => Number(query.get(name)));
  const stepMillis = Math.ceil((until - from) / points / SLOT) * SLOT;
  const startMillis = Math.floor(from / stepMillis) * stepMillis;
  const steps = Math.ceil((until - startMillis) / stepMillis);
  const slots = Array.from({ length: steps }, (_, i) => {
    const start = startMillis + i * stepMillis;
    return Math.ceil(Math.min(until, start + stepMillis) / SLOT) - Math.ceil(Math.max(from, start) / SLOT);
  });
  if (reason !== "") return { startMillis, stepMillis, edges: [], empty: emptyness(reason) };
  const perSlot: Record<string, number> = { bytesSent: 400_000, bytesReceived: 1_300_000, packetsSent: 900, packetsReceived: 1200, connects: 2, retransmits: 3 };
  const lists = Object.fromEntries(COUNTED.map((name) => [name, slots.map((n) => n * (perSlot[name] ?? 0))]));
  const totals = Object.fromEntries(COUNTED.map((name) => [name, lists[name].reduce((sum, value) => sum + value, 0)]));
  const nothing = slots.map(() => null);
  const times = { count: 10, p50: 0.0004, p90: 0.0006, p99: 0.001 };
  const edge = { labels: {}, ...totals, active: 4, reasons: {}, connect: times, rtt: times, steps: { ...lists, active: slots.map(() => 4), connectP99: nothing, rttP50: nothing, rttP99: nothing } };
  return { startMillis, stepMillis, edges: [edge], empty: null };
}
