/** A rectangle's size, in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Distance that is kept to the edges of the window. */
const EDGE = 8;

/**
 * Where the upper left corner of something that floats beside a point goes: right below it, above
 * where there is no room below, and never beyond the window.
 */
export function placeBeside(point: { x: number; y: number }, size: Size, view: Size, gap: { x: number; y: number }): { x: number; y: number } {
  const right = point.x + gap.x;
  const x = right + size.width + EDGE <= view.width ? right : point.x - gap.x - size.width;
  const under = point.y + gap.y;
  const y = under + size.height + EDGE <= view.height ? under : point.y - gap.y - size.height;
  const within = (at: number, length: number, whole: number) => Math.max(EDGE, Math.min(at, whole - length - EDGE));
  return { x: Math.round(within(x, size.width, view.width)), y: Math.round(within(y, size.height, view.height)) };
}
