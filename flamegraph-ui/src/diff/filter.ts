import { changeStep, type Change, type Comparison } from "./diff";

/** What of a comparison is shown: all, what only one side has, or what is told from noise. */
export type Show = "all" | "a" | "b" | "changed";

/**
 * Widths of the nodes that are shown; 0 hides a node. What only one side has fills the picture, so
 * that a small part of it can be seen; what has changed keeps its scale, with gaps where nothing has.
 */
export function shownWidths(comparison: Comparison, show: Show): Float64Array {
  const { tree, a, b, selfA, selfB, width } = comparison;
  if (show === "all") return width;
  const shown = new Float64Array(tree.size);
  for (let n = tree.size - 1; n >= 0; n--) {
    if (show === "a" && b[n] === 0) shown[n] += selfA[n];
    else if (show === "b" && a[n] === 0) shown[n] += selfB[n];
    else if (show === "changed" && n > 0 && changeStep(comparison, n) !== 0) shown[n] = width[n];
    if (n > 0) shown[tree.parent[n]] += shown[n];
  }
  // The root of what has changed is as wide as the whole, or a change in one corner would fill the picture.
  if (show === "changed" && shown[0] > 0) shown[0] = width[0];
  return shown;
}

/** Whether a function is shown. */
export function isShown(change: Change, show: Show): boolean {
  if (show === "a") return change.totalA > 0 && change.totalB === 0;
  if (show === "b") return change.totalB > 0 && change.totalA === 0;
  return show === "all" || change.significantSelf || change.significantTotal;
}
