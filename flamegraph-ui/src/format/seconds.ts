import { duration } from "./units";

/** A duration in seconds, as one reads it; a dash where there is none. */
export function seconds(value: number | null): string {
  return value === null ? "–" : duration(value * 1e9);
}

/** The same at an axis: no more digits than its tick has. */
export function secondsTick(value: number): string {
  const [size, unit] = duration(value * 1e9).split(" ");
  return value === 0 ? "0" : `${Number(size)} ${unit}`;
}
