/** A frame that was inlined into its caller. */
export const FLAG_INLINED = 1;
/** A node that stands for several which the service cut away. */
export const FLAG_OTHER = 2;
/** A frame that was found by a frame pointer alone: its caller may be missing. */
export const FLAG_LOW_CONFIDENCE = 4;
/** A node that stands for a run of frames without a name; made by this page, the service uses the bits below. */
export const FLAG_FOLDED = 128;

/** What low confidence means, in words. */
export const LOW_CONFIDENCE = "found by frame pointer: its caller may be missing";

/**
 * Merged stacks as columns. Node 0 is the root, which has no frame; a parent stands before its
 * children. `self` and `total` are in the unit of the profile type. Strings are interned: `name`,
 * `file`, `mapping` and `kind` index the arrays beside them.
 */
export interface FrameTree {
  readonly size: number;
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  readonly name: Int32Array;
  readonly file: Int32Array;
  readonly mapping: Int32Array;
  readonly kind: Int32Array;
  readonly flags: Uint8Array;
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly names: readonly string[];
  readonly files: readonly string[];
  readonly mappings: readonly string[];
  /** Build-id of each mapping, or "". */
  readonly buildIds: readonly string[];
  readonly kinds: readonly string[];
  /** Values of the two sides, when this tree is a difference. */
  readonly sides: TwoSides | null;
  /** What the root is called where it stands for a function; else it is "all". */
  readonly rootLabel?: string;
}

/** The values of both sides of a comparison, per node. */
export interface TwoSides {
  readonly selfA: Float64Array;
  readonly totalA: Float64Array;
  readonly selfB: Float64Array;
  readonly totalB: Float64Array;
}

/** The label of the root, which has no frame of its own. */
export const ROOT_LABEL = "all";

export function isOther(tree: FrameTree, node: number): boolean {
  return (tree.flags[node] & FLAG_OTHER) !== 0;
}

export function isInlined(tree: FrameTree, node: number): boolean {
  return (tree.flags[node] & FLAG_INLINED) !== 0;
}

export function isLowConfidence(tree: FrameTree, node: number): boolean {
  return (tree.flags[node] & FLAG_LOW_CONFIDENCE) !== 0;
}

export function kindOf(tree: FrameTree, node: number): string {
  return tree.kinds[tree.kind[node]] ?? "";
}

const ADDRESS = /\+0x[0-9a-f]+$/;

/** Whether a name is only an address: `file+0x…`, `[anon]+0x…`, or what lies in no mapping. */
export function isAddress(name: string): boolean {
  return name.endsWith("]") ? name === "[unmapped]" : ADDRESS.test(name);
}

/** Whether nobody knows what the function of a node is called. */
export function isUnnamed(tree: FrameTree, node: number): boolean {
  return node > 0 && (tree.flags[node] & FLAG_OTHER) === 0 && ((tree.flags[node] & FLAG_FOLDED) !== 0 || isAddress(nameOf(tree, node)));
}

/** Raw function name as the service knows it; paths and focus are made of these. */
export function nameOf(tree: FrameTree, node: number): string {
  return node === 0 ? ROOT_LABEL : (tree.names[tree.name[node]] ?? "");
}

/**
 * The name as people read it: Java with dots (it is stored as `java/lang/Thread.run`), the kernel
 * with the suffix `[k]`, so that colour is never the only sign of a kind. Frames that were inlined
 * have the suffix `[i]` besides, those of low confidence `[fp]`, see labelOf.
 */
export function displayName(name: string, kind: string): string {
  if (kind === "jvm") return name.replaceAll("/", ".");
  if (kind === "kernel") return `${name} [k]`;
  return name;
}

export function labelOf(tree: FrameTree, node: number): string {
  if (node === 0) return tree.rootLabel ?? ROOT_LABEL;
  if (isOther(tree, node)) return "other";
  const name = displayName(nameOf(tree, node), kindOf(tree, node));
  return name + (isInlined(tree, node) ? " [i]" : "") + (isLowConfidence(tree, node) ? " [fp]" : "");
}

/** Names from the root (left out) down to the node; empty for the root itself. */
export function pathOf(tree: FrameTree, node: number): string[] {
  const path: string[] = [];
  for (let at = node; at > 0; at = tree.parent[at]) path.push(nameOf(tree, at));
  return path.reverse();
}

/** What of a path still exists in a tree: the deepest node reached, and whether that was all of it. */
export interface Found {
  node: number;
  exact: boolean;
}

/**
 * Follows a path of names from the root. Where siblings share a name (another file or executable)
 * the largest is taken. A path that is gone ends at its nearest surviving ancestor.
 */
export function findPath(tree: FrameTree, path: readonly string[]): Found {
  let at = 0;
  for (const name of path) {
    let best = -1;
    for (const child of childrenOf(tree, at)) {
      if (nameOf(tree, child) !== name) continue;
      if (best < 0 || tree.total[child] > tree.total[best]) best = child;
    }
    if (best < 0) return { node: at, exact: false };
    at = best;
  }
  return { node: at, exact: true };
}

const childIndex = new WeakMap<FrameTree, { start: Int32Array; list: Int32Array }>();

/** Children of a node, in the order of the columns. The index is built once for each tree. */
export function childrenOf(tree: FrameTree, node: number): Int32Array {
  let index = childIndex.get(tree);
  if (!index) {
    index = indexChildren(tree.parent);
    childIndex.set(tree, index);
  }
  return index.list.subarray(index.start[node], index.start[node + 1]);
}

/** Groups nodes by parent: those of node n are list[start[n]] until list[start[n + 1]]. */
export function indexChildren(parent: Int32Array): { start: Int32Array; list: Int32Array } {
  const size = parent.length;
  const start = new Int32Array(size + 1);
  for (let n = 1; n < size; n++) start[parent[n] + 1]++;
  for (let n = 0; n < size; n++) start[n + 1] += start[n];
  const next = start.slice(0, size);
  const list = new Int32Array(Math.max(0, size - 1));
  for (let n = 1; n < size; n++) list[next[parent[n]]++] = n;
  return { start, list };
}
