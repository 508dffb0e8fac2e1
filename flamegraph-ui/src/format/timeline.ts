import type { TimelineLength } from "../url/state";

interface Span {
  from: number;
  until: number;
}

const MINUTE = 60e3;
const LENGTHS: Record<TimelineLength, number> = { "": 0, "1h": 60 * MINUTE, "6h": 360 * MINUTE, "24h": 1440 * MINUTE, "7d": 10_080 * MINUTE, "30d": 43_200 * MINUTE };
/** Room beside both sides, so that their handles can be drawn outwards. */
const ROOM = 0.2;
/** Profiles are windows of so many milliseconds: a side that ends within one says nothing more. */
export const SNAP = 10_000;
/** A profile of ten seconds is there so long after its start. */
export const PENDING_MILLIS = 12_000;

/**
 * What a timeline shows: both sides with room beside, at least as long as wanted, never later than
 * now. The one that was shown before stays as long as it serves, so that nothing jumps after a drag.
 */
export function timelineSpan(a: Span, b: Span, length: TimelineLength, now: number, before: Span | null): Span {
  const start = Math.min(a.from, b.from);
  const end = Math.max(a.until, b.until);
  const need = end - start;
  if (before && serves(before, start, end, now, LENGTHS[length])) return before;
  const whole = Math.max(need * (1 + 2 * ROOM), LENGTHS[length], 5 * MINUTE);
  const until = Math.max(end, Math.min(now, end + (whole - need) / 2));
  const unit = whole > 180 * MINUTE ? 10 * MINUTE : MINUTE / 2;
  return { from: Math.floor((until - whole) / unit) * unit, until: Math.ceil(until / unit) * unit };
}

function serves(before: Span, start: number, end: number, now: number, least: number): boolean {
  const length = before.until - before.from;
  const need = end - start;
  const inside = before.from + length * 0.02 <= start && (end <= before.until - length * 0.02 || now - end < length * 0.05) && end <= before.until;
  return inside && need > length * 0.15 && length >= least && (least === 0 || length <= Math.max(least, need) * 2);
}

/** The values of steps that have come whole; null for the last ones, which would fall to nothing only because they are not all there. */
export function untilKnown(values: readonly (number | null)[], startMillis: number, stepMillis: number, known: number): (number | null)[] {
  return values.map((value, i) => (startMillis + (i + 1) * stepMillis > known ? null : value));
}

/** Indices of values with nothing beside them, which a line alone would not show. */
export function lonely(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] != null && values[i - 1] == null && values[i + 1] == null) found.push(i);
  return found;
}

/** Which part of a side is moved. */
export type Grip = "from" | "until" | "whole";

/** A side after one of its handles was moved by so many milliseconds: in order, on whole steps, not beyond now. */
export function moveSide(side: Span, grip: Grip, by: number, now: number): Span {
  const snap = (at: number) => Math.round(at / SNAP) * SNAP;
  const last = Math.floor(now / SNAP) * SNAP;
  if (grip === "from") return { from: Math.min(snap(side.from + by), side.until - SNAP), until: side.until };
  if (grip === "until") return { from: side.from, until: Math.max(Math.min(snap(side.until + by), Math.max(last, side.until)), side.from + SNAP) };
  const length = side.until - side.from;
  const until = Math.min(snap(side.until + by), Math.max(last, side.until));
  return { from: until - length, until };
}

/** Times for the axis of a timeline: round ones, at most `most` of them. */
export function timeTicks({ from, until }: Span, most: number): number[] {
  const steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080].map((minutes) => minutes * MINUTE);
  const step = steps.find((one) => (until - from) / one <= most) ?? 43_200 * MINUTE;
  const zone = new Date(from).getTimezoneOffset() * MINUTE;
  const ticks: number[] = [];
  for (let at = Math.ceil((from - zone) / step) * step + zone; at <= until; at += step) ticks.push(at);
  return ticks;
}
