import { firstRightOf, type Layout } from "./layout";

/** What part of the layout is looked at. */
export interface View {
  /** Left and right edge, as shares of the root. */
  x0: number;
  x1: number;
  /** Width in device pixels. */
  width: number;
  /** First and last visible level. */
  firstLevel: number;
  lastLevel: number;
}

/**
 * Spans to be drawn, reused from frame to frame. A span is one frame, or a strip of `count`
 * neighbours too thin to be drawn apart: then `position` is the first and `widest` the widest of them.
 */
export class Spans {
  length = 0;
  position = new Int32Array(1024);
  widest = new Int32Array(1024);
  level = new Int32Array(1024);
  count = new Int32Array(1024);
  x0 = new Float64Array(1024);
  x1 = new Float64Array(1024);

  clear(): void {
    this.length = 0;
  }

  add(position: number, level: number, x0: number, x1: number): number {
    if (this.length === this.position.length) this.grow();
    const i = this.length++;
    this.position[i] = position;
    this.widest[i] = position;
    this.level[i] = level;
    this.count[i] = 1;
    this.x0[i] = x0;
    this.x1[i] = x1;
    return i;
  }

  private grow(): void {
    const size = this.position.length * 2;
    for (const column of ["position", "widest", "level", "count"] as const) {
      const larger = new Int32Array(size);
      larger.set(this[column]);
      this[column] = larger;
    }
    for (const column of ["x0", "x1"] as const) {
      const larger = new Float64Array(size);
      larger.set(this[column]);
      this[column] = larger;
    }
  }
}

/** Neighbouring thin frames join one strip when less than this lies between them, in device pixels. */
const STRIP_GAP = 0.5;

/**
 * Collects what is visible: every frame at least minWidth device pixels wide, and strips of thinner
 * ones. Work is proportional to the frames within the view, not to the tree.
 */
export function cull(layout: Layout, view: View, into: Spans, minWidth = 1): void {
  into.clear();
  const scale = view.width / (view.x1 - view.x0);
  const last = Math.min(view.lastLevel, layout.levels - 1);
  for (let level = Math.max(0, view.firstLevel); level <= last; level++) {
    cullLevel(layout, view, level, scale, into, minWidth);
  }
}

function cullLevel(layout: Layout, view: View, level: number, scale: number, into: Spans, minWidth: number): void {
  const { left, right } = layout;
  const until = layout.levelStart[level + 1];
  let strip = -1;
  for (let p = firstRightOf(layout, layout.levelStart[level], until, view.x0); p < until; p++) {
    if (left[p] >= view.x1) break;
    const x0 = Math.max(0, (left[p] - view.x0) * scale);
    const x1 = Math.min(view.width, (right[p] - view.x0) * scale);
    if (right[p] <= left[p]) continue;
    if ((right[p] - left[p]) * scale >= minWidth) {
      into.add(p, level, x0, x1);
      strip = -1;
    } else if (strip >= 0 && x0 - into.x1[strip] < STRIP_GAP) {
      into.x1[strip] = x1;
      into.count[strip]++;
      const widest = into.widest[strip];
      if (right[p] - left[p] > right[widest] - left[widest]) into.widest[strip] = p;
    } else {
      strip = into.add(p, level, x0, x1);
    }
  }
}
