import { displayName, isOther, type FrameTree } from "./tree";

/** One function over all places where it was called; values are in the unit of the profile. */
export interface FunctionRow {
  /** Raw name, as in paths. */
  name: string;
  label: string;
  kind: string;
  mapping: string;
  self: number;
  total: number;
}

/**
 * Self and total of each function, largest self first. A recursive function is counted once for
 * each stack: only its outermost call adds to the total, so no total exceeds that of the root.
 */
export function topFunctions(tree: FrameTree, self = tree.self, total = tree.total): FunctionRow[] {
  const rows = new Map<string, FunctionRow>();
  forEachFunction(tree, (node, key, outermost) => {
    let row = rows.get(key);
    if (!row) {
      const name = tree.names[tree.name[node]];
      const kind = tree.kinds[tree.kind[node]];
      row = { name, label: displayName(name, kind), kind, mapping: tree.mappings[tree.mapping[node]], self: 0, total: 0 };
      rows.set(key, row);
    }
    row.self += self[node];
    if (outermost) row.total += total[node];
  });
  return [...rows.values()].sort((a, b) => b.self - a.self || b.total - a.total || (a.label < b.label ? -1 : 1));
}

/**
 * Visits every node that is a function (neither the root nor an "other") with the key of its
 * function and whether no caller above it is the same function.
 */
export function forEachFunction(
  tree: FrameTree,
  visit: (node: number, key: string, outermost: boolean) => void,
): void {
  const kinds = tree.kinds.length;
  const id = (node: number) => tree.name[node] * kinds + tree.kind[node];
  const outermost = outermostCalls(tree, id);
  for (let n = 1; n < tree.size; n++) {
    if (isOther(tree, n)) continue;
    visit(n, String(id(n)), outermost[n] === 1);
  }
}

/** Depth first over the whole tree with a count of open calls for each function. */
function outermostCalls(tree: FrameTree, id: (node: number) => number): Uint8Array {
  const firstChild = new Int32Array(tree.size).fill(-1);
  const nextSibling = new Int32Array(tree.size).fill(-1);
  for (let n = tree.size - 1; n > 0; n--) {
    nextSibling[n] = firstChild[tree.parent[n]];
    firstChild[tree.parent[n]] = n;
  }
  const open = new Map<number, number>();
  const result = new Uint8Array(tree.size);
  let at = firstChild[0];
  while (at > 0) {
    const key = id(at);
    const calls = open.get(key) ?? 0;
    if (calls === 0) result[at] = 1;
    open.set(key, calls + 1);
    if (firstChild[at] > 0) {
      at = firstChild[at];
      continue;
    }
    while (at > 0) {
      open.set(id(at), open.get(id(at))! - 1);
      if (nextSibling[at] > 0) {
        at = nextSibling[at];
        break;
      }
      at = tree.parent[at];
    }
  }
  return result;
}
