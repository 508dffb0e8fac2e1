import { clock, day } from "./units";

/** A time range as the user said it: each point is `now`, `now-15m` or Unix milliseconds. */
export interface Range {
  from: string;
  until: string;
}

export const PRESETS = ["5m", "15m", "1h", "6h", "24h", "7d"] as const;
export const DEFAULT_RANGE: Range = { from: "now-15m", until: "now" };

const UNITS: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 };
const RELATIVE = /^now(?:-(\d{1,6})([smhdw]))?$/;
const MILLIS = /^\d{10,15}$/;

/** Unix milliseconds of a point; null when it is none. */
export function resolvePoint(point: string, now: number): number | null {
  const relative = RELATIVE.exec(point);
  if (relative) return now - (relative[1] ? Number(relative[1]) * UNITS[relative[2]] : 0);
  if (MILLIS.test(point)) return Number(point);
  return null;
}

/** Start and end in Unix milliseconds; the default range when the text is broken. */
export function resolve(range: Range, now: number): { from: number; until: number } {
  const from = resolvePoint(range.from, now);
  const until = resolvePoint(range.until, now);
  if (from === null || until === null || from >= until) return { from: now - 900e3, until: now };
  return { from, until };
}

export function isRelative(range: Range): boolean {
  return range.until === "now";
}

export function preset(length: string): Range {
  return { from: `now-${length}`, until: "now" };
}

/**
 * Understands what people type: `15m`, `now-1h to now-30m`, `14:05-14:20`, ISO dates and times,
 * Unix seconds or milliseconds. Returns a sentence when it does not.
 */
export function parseRange(text: string, now: number): Range | string {
  const said = text.trim().replace(/^last\s+/i, "");
  if (/^\d{1,6}[smhdw]$/.test(said)) return preset(said);
  const parts = splitRange(said);
  const from = parsePoint(parts[0], now);
  const until = parts.length > 1 ? parsePoint(parts[1], now) : "now";
  if (from === null || until === null || parts.length > 2) {
    return `“${text}” is no time range: try 15m, now-1h to now-30m, 14:05-14:20 or 2026-03-01 to 2026-03-02`;
  }
  if (resolvePoint(from, now)! >= resolvePoint(until, now)!) return "The range ends before it starts";
  return { from, until };
}

function splitRange(said: string): string[] {
  const words = said.split(/\s+(?:to|until|–|-)\s+|\s*(?:–|\.\.|→)\s*|\//);
  if (words.length > 1) return words;
  const times = /^(\d{1,2}:\d{2}(?::\d{2})?)-(\d{1,2}:\d{2}(?::\d{2})?)$/.exec(said);
  return times ? [times[1], times[2]] : [said];
}

function parsePoint(text: string, now: number): string | null {
  const said = text.trim();
  if (RELATIVE.test(said)) return said;
  if (/^\d{10}$/.test(said)) return `${said}000`;
  if (MILLIS.test(said)) return said;
  if (/^\d{1,2}:\d{2}(:\d{2})?$/.test(said)) return timeOfDay(said, now);
  if (/^\d{4}-\d{2}-\d{2}/.test(said)) {
    // A date alone would be read as UTC; people mean their own midnight.
    const iso = said.length === 10 ? `${said}T00:00` : said.replace(" ", "T");
    const millis = Date.parse(iso);
    return Number.isNaN(millis) || millis < 1e9 ? null : String(millis);
  }
  return null;
}

/** The last time that the clock showed this. */
function timeOfDay(said: string, now: number): string | null {
  const [hours, minutes, seconds = 0] = said.split(":").map(Number);
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const at = new Date(now);
  at.setHours(hours, minutes, seconds, 0);
  if (at.getTime() > now) at.setDate(at.getDate() - 1);
  return String(at.getTime());
}

/** A range in words: "last 15m", "now-1h to now-30m", "14:05:00 – 14:20:00". */
export function describeRange(range: Range, now: number): string {
  if (range.until === "now" && range.from.startsWith("now-")) return `last ${range.from.slice(4)}`;
  if (RELATIVE.test(range.from) && RELATIVE.test(range.until)) return `${range.from} to ${range.until}`;
  const { from, until } = resolve(range, now);
  const start = clock(from, now);
  const end = day(from) === day(until) ? clock(until) : clock(until, now);
  return `${start} – ${end}`;
}

/** The range moved by a time in milliseconds; it becomes absolute when it was not a plain "last …". */
export function shift(range: Range, millis: number, now: number): Range {
  const { from, until } = resolve(range, now);
  return { from: String(Math.round(from + millis)), until: String(Math.round(until + millis)) };
}
