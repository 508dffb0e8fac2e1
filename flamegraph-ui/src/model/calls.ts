import type { Emptiness } from "./decode";
import type { Matcher } from "../url/selector";

export const CALL_ROLES = ["server", "client", "producer", "consumer"] as const;
/** Which end of a call told of it. */
export type CallRole = (typeof CALL_ROLES)[number];

/** One call, as one of its ends saw it. What is not known is empty. */
export interface Call {
  /** Microseconds since 1970. */
  startMicros: number;
  durationNanos: number;
  service: string;
  labels: Record<string, string>;
  role: CallRole;
  protocol: string;
  method: string;
  route: string;
  status: string;
  peer: string;
  failed: boolean;
  message: string;
  name: string;
  scope: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  attributes: Record<string, string>;
}

/** The service's answer: calls in the order that was asked for, or why there are none. */
export interface Calls {
  calls: Call[];
  /** Where to go on; null when there are no more. */
  next: string | null;
  empty: Emptiness | null;
}

/** What of a call must be equal to be shown; "" for anything. */
export const CALL_WORDS = ["protocol", "method", "route", "status", "peer"] as const;

/** Which calls are shown, beside labels and range. */
export interface CallFilters extends Record<(typeof CALL_WORDS)[number], string> {
  end: "" | CallRole;
  errors: boolean;
  /** A number and a unit: 250ms. */
  slower: string;
  trace: string;
  first: "newest" | "slowest";
  /** How many are shown at most. */
  most: number;
  /** The span whose details are shown; "" for none. */
  span: string;
}

export const STEP = 100;
export const MOST = 1000;

export function allCalls(): CallFilters {
  return { end: "", protocol: "", method: "", route: "", status: "", peer: "", errors: false, slower: "", trace: "", first: "newest", most: STEP, span: "" };
}

/** Whether anything is left out by these filters. */
export function isNarrow(filters: CallFilters): boolean {
  const { end, errors, slower, trace } = filters;
  return end !== "" || errors || slower !== "" || trace !== "" || CALL_WORDS.some((word) => filters[word] !== "");
}

export const SLOWER = /^\d{1,12}(\.\d{1,9})?(ns|us|ms|s|m)$/;
export const TRACE = /^([0-9a-fA-F]{16}|[0-9a-fA-F]{32})$/;

/** So much is shown before and after a call, in milliseconds. */
export const AROUND = 30_000;

/** Where a call's moment lies in profiles: its pod, else its service, and some time around it. */
export function profileOf(call: Call): { matchers: Matcher[]; from: string; until: string } {
  const matchers: Matcher[] = [{ label: "service_name", op: "=", value: call.service }];
  for (const label of ["namespace", "pod"]) {
    const value = call.labels[label];
    if (value) matchers.push({ label, op: "=", value });
  }
  const start = call.startMicros / 1000;
  return { matchers, from: String(Math.floor(start - AROUND)), until: String(Math.ceil(start + call.durationNanos / 1e6 + AROUND)) };
}

/** What a call was for, in a line. */
export function subjectOf({ method, route, name }: Call): string {
  return [method, route].filter((part) => part !== "").join(" ") || name;
}

/** All that is told of a call, in words of what told of it, with what is in no attribute before. */
export function fieldsOf(call: Call): [string, string][] {
  const fields: [string, string][] = [
    ["trace id", call.traceId],
    ["span id", call.spanId],
    ["parent span id", call.parentSpanId ?? ""],
    ["span", call.name],
    ["role", call.role],
    ["protocol", call.protocol],
    ["error message", call.message],
    ["told by", call.scope],
    ...Object.entries(call.labels),
    ...Object.entries(call.attributes),
  ];
  return fields.filter(([, value]) => value !== "");
}
