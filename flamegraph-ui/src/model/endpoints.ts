import { untilKnown } from "../format/timeline";
import type { Emptiness } from "./decode";

/** Whose requests: of those who answer them or of those who send them. */
export type Role = "server" | "client";

/** Requests of one group; durations in seconds, null where there were no requests. */
export interface RequestsRow {
  labels: Record<string, string>;
  count: number;
  errors: number;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  /** These have one value for each step. */
  counts: number[];
  errorCounts: number[];
  p50s: (number | null)[];
  p99s: (number | null)[];
}

/** The service's answer: groups with equal steps of time, or why there are none. */
export interface Requests {
  startMillis: number;
  stepMillis: number;
  /** Who counted what is shown. */
  scopes: string[];
  series: RequestsRow[];
  empty: Emptiness | null;
}

/** What one row of the table of endpoints is of. */
export const ROUTE_GROUPS: readonly string[] = ["route", "service_name"];

/** One thing that a service can be asked for. */
export interface Endpoint {
  service: string;
  protocol: string;
  method: string;
  route: string;
  /** All of these in one line, for filters. */
  label: string;
  count: number;
  errors: number;
  /** Requests per second. */
  rate: number;
  /** Share of the requests that failed, of 1. */
  failed: number;
  /** Seconds. */
  p50: number | null;
  p90: number | null;
  p99: number | null;
}

export const NAME_KEYS = ["service", "protocol", "method", "route"] as const;
export type EndpointKey = (typeof NAME_KEYS)[number] | "rate" | "failed" | "p50" | "p90" | "p99";
/** What endpoints can be ordered by. */
export const ENDPOINT_KEYS: readonly EndpointKey[] = [...NAME_KEYS, "rate", "failed", "p50", "p90", "p99"];

export function isNameKey(key: EndpointKey): key is (typeof NAME_KEYS)[number] {
  return (NAME_KEYS as readonly string[]).includes(key);
}

/** The rows of an answer that is grouped by {@link ROUTE_GROUPS}, which covers so many seconds. */
export function endpointsOf(answer: Requests, seconds: number): Endpoint[] {
  return answer.series.map(({ labels, count, errors, p50, p90, p99 }) => {
    const { service_name: service = "", protocol = "", method = "", route = "" } = labels;
    const label = [service, protocol, method, route].filter((part) => part !== "").join(" ");
    const rate = seconds > 0 ? count / seconds : 0;
    return { service, protocol, method, route, label, count, errors, rate, failed: count > 0 ? errors / count : 0, p50, p90, p99 };
  });
}

/** By a column; what has no value in it comes last either way, equal ones with most requests first. */
export function orderedEndpoints(rows: readonly Endpoint[], key: EndpointKey, ascending: boolean): Endpoint[] {
  const sign = ascending ? 1 : -1;
  const compare = (a: Endpoint, b: Endpoint) => {
    const [x, y] = [a[key], b[key]];
    if (x === y) return 0;
    if (x === null || x === "") return 1;
    if (y === null || y === "") return -1;
    return x < y ? -sign : sign;
  };
  return [...rows].sort((a, b) => compare(a, b) || b.count - a.count || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
}

/** Requests are counted in slots of so many milliseconds; a slot belongs to a range that its start lies within. */
const SLOT_MILLIS = 10_000;

/** Seconds of the slots that belong to a range. */
export function slotSeconds(from: number, until: number): number {
  return (Math.max(0, Math.ceil(until / SLOT_MILLIS) - Math.ceil(from / SLOT_MILLIS)) * SLOT_MILLIS) / 1000;
}

/** What was counted in each step, per second of what of the step lies within the range; null where nothing does. */
export function perSecond(counts: readonly number[], { startMillis, stepMillis }: { startMillis: number; stepMillis: number }, range: { from: number; until: number }): (number | null)[] {
  return counts.map((count, i) => {
    const start = startMillis + i * stepMillis;
    const seconds = slotSeconds(Math.max(start, range.from), Math.min(start + stepMillis, range.until));
    return seconds > 0 ? count / seconds : null;
  });
}

/** Rate, share of failures and 99th percentile over time; null where there is nothing to tell. */
export interface RequestCourses {
  rate: (number | null)[];
  failed: (number | null)[];
  p99: (number | null)[];
}

/**
 * The courses of an answer without groups. Its first and last step may lie only partly within the range.
 *
 * @param known until when all counts have come, Unix milliseconds
 */
export function coursesOf(answer: Requests, range: { from: number; until: number }, known: number): RequestCourses {
  const { startMillis, stepMillis } = answer;
  const [row] = answer.series;
  if (!row) return { rate: [], failed: [], p99: [] };
  const rate = perSecond(row.counts, answer, range);
  const failed = row.counts.map((count, i) => (count > 0 ? row.errorCounts[i] / count : null));
  const whole = (values: readonly (number | null)[]) => untilKnown(values, startMillis, stepMillis, known);
  return { rate: whole(rate), failed: whole(failed), p99: whole(row.p99s) };
}

/** When the first counted step begins, Unix milliseconds; null when nothing was counted. */
export function firstCounted({ startMillis, stepMillis, series }: Requests): number | null {
  const i = series[0]?.counts.findIndex((count) => count > 0) ?? -1;
  return i < 0 ? null : startMillis + i * stepMillis;
}
