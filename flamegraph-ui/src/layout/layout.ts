import { indexChildren, isOther, nameOf, type FrameTree } from "../model/tree";

/**
 * Where every node lies. Positions go level by level, left to right, children of one parent side by
 * side; `left` and `right` are shares of the root (0 to 1). Pixels come later, in cull.
 */
export interface Layout {
  readonly tree: FrameTree;
  /** Position → node. */
  readonly order: Int32Array;
  /** Node → position. */
  readonly position: Int32Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
  /** Depth → first position; one entry more than there are levels. */
  readonly levelStart: Int32Array;
  readonly levels: number;
}

/** Lays out a tree with the given width for each node. Wider siblings stand left, "other" stands last. */
export function layOut(tree: FrameTree, width: Float64Array = tree.total): Layout {
  const size = tree.size;
  const order = new Int32Array(size);
  const position = new Int32Array(size);
  const start = new Float64Array(size);
  const levelStart: number[] = [0];
  const children = indexChildren(tree.parent);
  let filled = 1;
  let depth = 0;
  for (let p = 0; p < size; p++) {
    const node = order[p];
    if (tree.depth[node] > depth) {
      depth = tree.depth[node];
      levelStart.push(p);
    }
    let from = start[node];
    const siblings = children.list.subarray(children.start[node], children.start[node + 1]);
    sortSiblings(tree, width, siblings);
    for (const child of siblings) {
      start[child] = from;
      from += width[child];
      position[child] = filled;
      order[filled++] = child;
    }
  }
  levelStart.push(size);
  return { ...edges(tree, width, order, start), tree, order, position, levelStart: Int32Array.from(levelStart), levels: levelStart.length - 1 };
}

function sortSiblings(tree: FrameTree, width: Float64Array, siblings: Int32Array): void {
  if (siblings.length < 2) return;
  siblings.sort((a, b) => {
    const last = Number(isOther(tree, a)) - Number(isOther(tree, b));
    if (last !== 0) return last;
    if (width[a] !== width[b]) return width[b] - width[a];
    const nameA = nameOf(tree, a);
    const nameB = nameOf(tree, b);
    return nameA < nameB ? -1 : nameA > nameB ? 1 : a - b;
  });
}

function edges(tree: FrameTree, width: Float64Array, order: Int32Array, start: Float64Array) {
  const left = new Float64Array(tree.size);
  const right = new Float64Array(tree.size);
  const whole = width[0];
  for (let p = 0; p < tree.size && whole > 0; p++) {
    const node = order[p];
    left[p] = Math.min(1, start[node] / whole);
    right[p] = Math.min(1, (start[node] + width[node]) / whole);
  }
  return { left, right };
}

/** The position at a level that contains x (share of the root), or -1. */
export function hit(layout: Layout, depth: number, x: number): number {
  if (depth < 0 || depth >= layout.levels) return -1;
  const p = firstRightOf(layout, layout.levelStart[depth], layout.levelStart[depth + 1], x);
  return p < layout.levelStart[depth + 1] && layout.left[p] <= x ? p : -1;
}

/** First position in [from, until) whose right edge is beyond x; until when there is none. */
export function firstRightOf(layout: Layout, from: number, until: number, x: number): number {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (layout.right[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
