/** Digits that a reader needs: three significant ones, no trailing zeros beyond that. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  if (size >= 0.01) return value.toFixed(3);
  if (size >= 0.00005) return value.toFixed(4);
  return value > 0 ? "<0.0001" : ">-0.0001";
}

const DURATIONS: [number, string][] = [
  [3_600e9, "h"],
  [60e9, "min"],
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
];

/** A length of time, given in nanoseconds. */
export function duration(nanos: number): string {
  for (const [size, unit] of DURATIONS) {
    // Minutes only from two on: 72 s says more than 1.20 min.
    if (Math.abs(nanos) >= size * (size >= 60e9 ? 2 : 1)) return `${compact(nanos / size)} ${unit}`;
  }
  return `${compact(nanos)} ns`;
}

export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let i = 0;
  for (; Math.abs(value) >= 1024 && i < units.length - 1; i++) value /= 1024;
  return `${compact(value)} ${units[i]}`;
}

export function count(value: number): string {
  if (Math.abs(value) >= 1e9) return `${compact(value / 1e9)} G`;
  if (Math.abs(value) >= 1e6) return `${compact(value / 1e6)} M`;
  if (Math.abs(value) >= 1e5) return `${compact(value / 1e3)} k`;
  return Math.round(value).toLocaleString("en-US").replaceAll(",", "\u202f");
}

/** The type of profile that is meant where none is named. */
export const DEFAULT_TYPE = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

/** What a profile measures: its unit, and whether a nanosecond per second is a core. */
export interface Measure {
  unit: string;
  cpu: boolean;
}

export function measureOf(type: string, unit: string): Measure {
  return { unit, cpu: type.startsWith("process_cpu:cpu:") };
}

/** A value of a profile: CPU time, bytes, or a number. */
export function amount(value: number, measure: Measure): string {
  if (measure.unit === "nanoseconds") return duration(value);
  if (measure.unit === "bytes") return bytes(value);
  return count(value);
}

/** A value per second: cores for CPU. The argument is in unit per second. */
export function rate(perSecond: number, measure: Measure): string {
  if (measure.cpu) return `${rateNumber(perSecond, measure)} cores`;
  if (measure.unit === "nanoseconds") return `${rateNumber(perSecond, measure)} s/s`;
  if (measure.unit === "bytes") return `${bytes(perSecond)}/s`;
  return `${compact(perSecond)} /s`;
}

/** A value per second in the number that charts show: cores for CPU. */
export function rateNumber(perSecond: number, measure: Measure): string {
  if (measure.unit === "nanoseconds") return compact(perSecond / 1e9);
  if (measure.unit === "bytes") return bytes(perSecond);
  return compact(perSecond);
}

/** A value per second at an axis: no more digits than its tick has. */
export function tick(perSecond: number, measure: Measure): string {
  if (measure.unit === "bytes") return bytes(perSecond);
  const value = measure.unit === "nanoseconds" ? perSecond / 1e9 : perSecond;
  return value >= 1e5 ? count(value) : String(Number(value.toPrecision(3)));
}

/** The unit of a rate, for the axis of a chart. */
export function rateUnit(measure: Measure): string {
  if (measure.cpu) return "cores";
  if (measure.unit === "nanoseconds") return "s/s";
  return `${measure.unit || "value"}/s`;
}

/** With fewer samples than this a percentage has no decimals, and the page warns. */
export const FEW_SAMPLES = 50;

/** A share of 1 as a percentage; samples = 0 means that their number is not known. */
export function percent(share: number, samples = 0): string {
  if (!Number.isFinite(share)) return "–";
  const value = share * 100;
  if (samples > 0 && samples < FEW_SAMPLES) return `${Math.round(value)}%`;
  if (value !== 0 && Math.abs(value) < 0.01) return value > 0 ? "<0.01%" : ">-0.01%";
  return `${value.toFixed(Math.abs(value) < 1 ? 2 : 1)}%`;
}

/** The share that is complete, never rounded up to all: 100% is said only of that. */
export function completeShare(total: number, incomplete: number, samples = 0): string {
  if (!(total > 0)) return "–";
  if (incomplete <= 0) return "100%";
  const value = Math.max(0, 100 * (1 - incomplete / total));
  if (samples > 0 && samples < FEW_SAMPLES) return `${Math.floor(value)}%`;
  // One decimal says enough until the rest is less than a tenth of a percent.
  const digits = value > 99.9 ? 2 : 1;
  const floor = Math.floor(value * 10 ** digits) / 10 ** digits;
  return `${Math.min(floor, 99.99).toFixed(digits)}%`;
}

/** With a sign that is always there: +3.1, −0.2 (a minus, not a hyphen). */
export function signed(value: number, format: (value: number) => string): string {
  if (value === 0) return "±0";
  const size = format(Math.abs(value));
  return size.startsWith("<") ? "≈0" : (value > 0 ? "+" : "−") + size;
}

/** How much more or less: ×2.8, or new and gone. */
export function factor(a: number, b: number): string {
  if (a === 0 && b === 0) return "";
  if (a === 0) return "new";
  if (b === 0) return "gone";
  return `×${compact(b / a)}`;
}

/** A length of time in words, from milliseconds: 40 s, 12 min, 3 h, 2 d. */
export function span(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${compact(seconds / 3600)} h`;
  return `${compact(seconds / 86400)} d`;
}

const two = (value: number) => String(value).padStart(2, "0");

/** Local time of day, with the date when it is not that of `beside`. */
export function clock(millis: number, beside = millis): string {
  const at = new Date(millis);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return at.toDateString() === new Date(beside).toDateString() ? time : `${day(millis)} ${time}`;
}

/** {@link clock} to the tenth of a second. */
export function tenths(millis: number, beside = millis): string {
  return `${clock(millis, beside)}.${Math.floor((millis % 1000) / 100)}`;
}

/** Local date and time as ISO writes it, without the zone. */
export function day(millis: number): string {
  const at = new Date(millis);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
