import { untilKnown } from "../format/timeline";
import { perSecond, type Requests, type Role } from "./endpoints";
import type { Emptiness } from "./decode";

/** What TCP and UDP did in each step; the service's answer for everything that was selected together. */
export interface EdgeCourse {
  startMillis: number;
  stepMillis: number;
  edges: { steps: EdgeSteps }[];
  empty: Emptiness | null;
}

export interface EdgeSteps {
  bytesSent: number[];
  bytesReceived: number[];
  retransmits: number[];
  connectFailures: number[];
}

/** Two courses that belong together, null where nothing is told. */
export type Pair = readonly [(number | null)[], (number | null)[]];

/** What is shown of requests over time: requests and failed ones per second; 99th percentile and median in seconds. */
export interface RequestLanes {
  rate: Pair;
  latency: Pair;
}

/** What is shown of the network over time, all per second: bytes sent and received; retransmits and failed connects. */
export interface NetworkLanes {
  bytes: Pair;
  trouble: Pair;
}

/** Requests, of those who answer or who ask, and the network over time. */
export interface TrafficOf {
  range: Range;
  role: Role;
  requests: Requests;
  edges: EdgeCourse;
}

interface Range {
  from: number;
  until: number;
}

/**
 * @param known until when all counts have come, Unix milliseconds
 * @returns null where there are no requests
 */
export function requestLanes(answer: Requests, range: Range, known: number): RequestLanes | null {
  const [row] = answer.series;
  if (!row) return null;
  const whole = (values: readonly (number | null)[]) => untilKnown(values, answer.startMillis, answer.stepMillis, known);
  const each = (counts: readonly number[]) => whole(perSecond(counts, answer, range));
  return { rate: [each(row.counts), each(row.errorCounts)], latency: [whole(row.p99s), whole(row.p50s)] };
}

/**
 * @param known until when all counts have come, Unix milliseconds
 * @returns null where nothing is known of the network
 */
export function networkLanes(answer: EdgeCourse, range: Range, known: number): NetworkLanes | null {
  const [edge] = answer.edges;
  if (!edge) return null;
  const each = (counts: readonly number[]) => untilKnown(perSecond(counts, answer, range), answer.startMillis, answer.stepMillis, known);
  const { bytesSent, bytesReceived, retransmits, connectFailures } = edge.steps;
  return { bytes: [each(bytesSent), each(bytesReceived)], trouble: [each(retransmits), each(connectFailures)] };
}
