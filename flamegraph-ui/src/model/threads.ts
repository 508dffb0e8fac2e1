import type { Steps } from "../api/client";
import type { Emptiness } from "./decode";

/** What a thread took in each step. */
export interface ThreadRow {
  /** 0 when it is not known. */
  id: number;
  /** Empty when it is not known. */
  name: string;
  labels: Record<string, string>;
  total: number;
  values: number[];
}

/** The answer of /api/v1/threads. */
export interface Threads extends Steps {
  total: number;
  hiddenThreads: number;
  hiddenTotal: number;
  threads: ThreadRow[];
  empty: Emptiness | null;
}

/** A part of the time and of the threads, whose samples are looked at alone. */
export interface Part {
  /** Unix milliseconds. */
  from: number;
  until: number;
  /** Ids of threads; with no names either, all are meant. */
  ids: number[];
  /** Of threads whose id is not known. */
  names: string[];
  /** The pod whose threads are meant: others may have the same ids. Empty where all are of one. */
  pod: string;
}

/** Samples say when they were taken to so many milliseconds. */
export const FINEST_MILLIS = 100;
/** The service takes no more threads at once. */
export const MOST_THREADS = 64;

/** A rectangle of a picture of threads: times, and rows from one to another, both included. */
export interface Rectangle {
  from: number;
  until: number;
  first: number;
  last: number;
}

/** The part that a rectangle stands for: whole steps of time, within the range that is drawn. */
export function partOf(data: Threads, range: { from: number; until: number }, { from, until, first, last }: Rectangle): Part {
  const { startMillis, stepMillis, threads } = data;
  const down = startMillis + Math.floor((Math.min(from, until) - startMillis) / stepMillis) * stepMillis;
  const up = startMillis + Math.ceil((Math.max(from, until) - startMillis) / stepMillis) * stepMillis;
  const start = Math.max(down, Math.floor(range.from / FINEST_MILLIS) * FINEST_MILLIS);
  const end = Math.max(start + FINEST_MILLIS, Math.min(up, Math.ceil(range.until / FINEST_MILLIS) * FINEST_MILLIS));
  const rows = threads.slice(Math.min(first, last), Math.max(first, last) + 1).slice(0, MOST_THREADS);
  const pods = new Set(rows.map(podOf));
  return {
    from: start,
    until: end,
    ids: [...new Set(rows.filter(isNumbered).map((row) => row.id))],
    names: [...new Set(rows.filter((row) => !isNumbered(row)).map((row) => row.name))],
    pod: ofSeveralPods(threads) && pods.size === 1 ? podOf(rows[0]) : "",
  };
}

/** An unnamed thread without a number is asked for by the number 0. */
function isNumbered({ id, name }: ThreadRow): boolean {
  return id !== 0 || name === "";
}

/** Whether a row belongs to a part. */
export function holds(part: Part, row: ThreadRow): boolean {
  if (part.pod !== "" && part.pod !== podOf(row)) return false;
  if (part.ids.length === 0 && part.names.length === 0) return true;
  return isNumbered(row) ? part.ids.includes(row.id) : part.names.includes(row.name);
}

export function podOf({ labels }: ThreadRow): string {
  return labels.pod ?? "";
}

export function ofSeveralPods(threads: readonly ThreadRow[]): boolean {
  return new Set(threads.map(podOf)).size > 1;
}

/** A thread as one reads it. */
export function threadName({ id, name }: ThreadRow): string {
  if (name === "") return id === 0 ? "thread not known" : `thread ${id}`;
  return id === 0 ? name : `${name} ${id}`;
}

/**
 * How dark a cell is, from 0 to 1. CPU time is held against what one thread can take at most, so that
 * pictures compare; other values against the largest cell.
 */
export function darkest({ threads, stepMillis }: Threads, cpu: boolean): number {
  if (cpu) return stepMillis * 1e6;
  return Math.max(1, ...threads.map(({ values }) => values.reduce((most, value) => Math.max(most, value), 0)));
}

/** What a part is, for the service. */
export function partParams(part: Part): { from: number; until: number; fine: string; thread: string[]; threadName: string[] } {
  return { from: part.from, until: part.until, fine: "true", thread: part.ids.map(String), threadName: part.names };
}

/** The threads of a part in a few words. */
export function describeThreads(part: Part, known: readonly ThreadRow[]): string {
  const words = [
    ...part.ids.map((id) => threadName(known.find((row) => row.id === id && holds(part, row)) ?? { id, name: "", labels: {}, total: 0, values: [] })),
    ...part.names,
  ];
  if (words.length === 0) return "all threads";
  return words.length <= 2 ? words.join(", ") : `${words[0]} and ${words.length - 1} more threads`;
}
