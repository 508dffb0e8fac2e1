/** What the made-up services are asked for, a second and in all. */
interface Made {
  service: string;
  protocol: string;
  method: string;
  route: string;
  rate: number;
  /** Share of 1 that fails. */
  failed: number;
  /** Seconds; the 90th and the 99th percentile are three and eight times it. */
  p50: number;
}

const made = (service: string, protocol: string, method: string, route: string, rate: number, failed: number, p50: number): Made => ({ service, protocol, method, route, rate, failed, p50 });

const SERVER = [
  made("checkout", "http", "POST", "/checkout", 41, 0.02, 0.12),
  made("checkout", "http", "GET", "/cart/{id}", 90, 0, 0.012),
  made("checkout", "rpc", "", "Shop/Buy", 3, 0.25, 0.05),
  made("postgresql", "postgresql", "SELECT", "orders", 300, 0, 0.0008),
  made("redis", "redis", "GET", "", 600, 0, 0.0001),
];
const CLIENT = [made("caller", "http", "GET", "/cart/{id}", 5, 0, 0.02), made("checkout", "postgresql", "SELECT", "orders", 290, 0.001, 0.0011), made("checkout", "redis", "GET", "", 580, 0, 0.0003)];

const SLOT = 10_000;

/** What the service answers to /api/v1/requests. */
export function requestsAnswer(query: URLSearchParams, reason: string): object {
  const [from, until, points] = ["from", "until", "points"].map((name) => Number(query.get(name)));
  const stepMillis = Math.ceil((until - from) / points / SLOT) * SLOT;
  const startMillis = Math.floor(from / stepMillis) * stepMillis;
  const steps = Math.ceil((until - startMillis) / stepMillis);
  const service = /service_name="([^"]*)"/.exec(query.get("query") ?? "")?.[1];
  const all = (query.get("role") === "client" ? CLIENT : SERVER).filter((one) => service === undefined || one.service === service);
  const why = reason !== "" ? reason : all.length === 0 ? "no-series" : "";
  const groupBy = query.getAll("groupBy");
  const groups = groupBy.length === 0 ? [all] : all.map((one) => [one]);
  const slots = Array.from({ length: steps }, (_, i) => {
    const start = startMillis + i * stepMillis;
    return Math.ceil(Math.min(until, start + stepMillis) / SLOT) - Math.ceil(Math.max(from, start) / SLOT);
  });
  const series = why === "" ? groups.map((group) => row(group, groupBy, slots)) : [];
  const scopes = why === "" ? ["flarepath"] : [];
  return { startMillis, stepMillis, scopes, series, empty: why === "" ? null : { reason: why, message: `the service says ${why}` } };
}

function row(group: Made[], groupBy: string[], slots: number[]): object {
  const { service, protocol, method, route, p50 } = group[0];
  const labels = { ...(groupBy.includes("service_name") ? { service_name: service } : {}), ...(groupBy.includes("route") ? { protocol, method, route } : {}) };
  const known = Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));
  const sum = (of: (one: Made) => number) => group.reduce((total, one) => total + Math.round(of(one)), 0);
  const counts = slots.map((n) => sum((one) => one.rate * n * 10));
  const errorCounts = slots.map((n) => sum((one) => one.rate * one.failed * n * 10));
  const whole = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const each = (value: number) => counts.map((count) => (count > 0 ? value : null));
  const [p90, p99] = [p50 * 3, p50 * 8];
  return { labels: known, count: whole(counts), errors: whole(errorCounts), p50, p90, p99, counts, errorCounts, p50s: each(p50), p90s: each(p90), p99s: each(p99) };
}
