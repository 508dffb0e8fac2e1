const DAY = 86_400_000;

/** How many calls there are in a range, one every so many milliseconds. */
const MADE = 450;

interface Made {
  startMicros: number;
  durationNanos: number;
  failed: boolean;
  [field: string]: unknown;
}

function call(i: number, at: number): Made {
  const failed = i % 9 === 4;
  const database = i % 3 === 2;
  const route = i % 2 === 0 ? "/cart/{id}" : "/checkout";
  const status = database ? "" : failed ? "503" : "200";
  return {
    startMicros: Math.round(at * 1000) + (i % 1000),
    durationNanos: 1_500_000 + ((i * 7919) % 400) * 1_000_000,
    service: "checkout",
    labels: { service_name: "checkout", namespace: "shop", pod: `checkout-7d9f8c-${i % 2 ? "x2k4q" : "b7w2m"}`, node: "node-1" },
    role: database ? "client" : "server",
    protocol: database ? "postgresql" : "http",
    method: database ? "SELECT" : i % 2 === 0 ? "GET" : "POST",
    route: database ? "orders" : route,
    status,
    peer: database ? "db.shop.local" : `10.0.0.${i % 7}`,
    failed,
    message: failed ? "upstream timed out" : "",
    name: database ? "SELECT orders" : `GET ${route}`,
    scope: "flarepath",
    traceId: (0xabc0000 + Math.floor(i / 3)).toString(16).padStart(32, "0"),
    spanId: (1000 + i).toString(16).padStart(16, "0"),
    parentSpanId: database ? (999 + i).toString(16).padStart(16, "0") : null,
    attributes: {
      ...(database ? { "db.query.text": "SELECT * FROM orders WHERE id = ?", "server.address": "db.shop.local", "server.port": "5432" } : { "url.path": "/cart/4711", "http.route": route }),
      ...(failed ? { "error.type": status || "_OTHER" } : {}),
      "flarepath.call.kept": failed ? "error" : "sampled",
      "thread.name": `vert.x-eventloop-${i % 2}`,
    },
  };
}

/** What the service answers to /api/v1/calls. */
export function callsAnswer(query: URLSearchParams, reason: string): object {
  const ask = (name: string) => query.get(name) ?? "";
  const [from, until] = [Number(ask("from")), Number(ask("until"))];
  const step = Math.min(DAY, until - from) / MADE;
  const status = ask("status");
  const found = Array.from({ length: MADE }, (_, i) => call(i, until - (i + 0.5) * step)).filter(
    (one) =>
      ["role", "protocol", "method", "route", "peer"].every((name) => ask(name) === "" || one[name] === ask(name)) &&
      (status === "" || one.status === status || (/^.xx$/.test(status) && String(one.status).startsWith(status[0]))) &&
      (ask("error") !== "true" || one.failed) &&
      (ask("traceId") === "" || one.traceId === ask("traceId")) &&
      (ask("minDuration") === "" || one.durationNanos >= parseFloat(ask("minDuration")) * 1e6),
  );
  if (ask("order") === "slowest") found.sort((a, b) => b.durationNanos - a.durationNanos);
  const why = reason !== "" ? reason : found.length === 0 ? "no-calls-fulfil" : "";
  const limit = Number(ask("limit"));
  const calls = why === "" ? found.slice(0, limit) : [];
  return { calls, next: calls.length < found.length && why === "" ? "00" : null, empty: why === "" ? null : { reason: why, message: `the service says ${why}` } };
}
