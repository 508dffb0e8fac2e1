import { TreeGrower } from "./grow";
import { displayName, FLAG_OTHER, nameOf, type FrameTree } from "./tree";

/** One function with everything that led to it and everything that it led to. */
export interface Sandwich {
  /** The function at the root; its callers below it, nearest first: to be drawn upwards. */
  callers: FrameTree;
  /** The function at the root, what it calls below. */
  callees: FrameTree;
  /** In how many places of the tree the function was found, recursion counted once. */
  places: number;
}

/**
 * The callers and callees of a function. A recursive function is taken at its outermost call, so
 * that nothing counts twice; the calls within stand among its callees.
 */
export function sandwich(tree: FrameTree, name: string): Sandwich {
  const callers = new TreeGrower(tree);
  const callees = new TreeGrower(tree);
  // 0 = above the function, else the place in the tree of callees, plus one.
  const place = new Int32Array(tree.size);
  let places = 0;
  let label = name;
  for (let n = 1; n < tree.size; n++) {
    const above = place[tree.parent[n]];
    if (above > 0) place[n] = callees.child(above - 1, n) + 1;
    else if (nameOf(tree, n) === name && (tree.flags[n] & FLAG_OTHER) === 0) {
      place[n] = 1;
      places++;
      label = displayName(name, tree.kinds[tree.kind[n]]);
      addCallers(callers, tree, n);
    }
    if (place[n] > 0) callees.add(place[n] - 1, n);
  }
  return { callers: callers.done(label).tree, callees: callees.done(label).tree, places };
}

function addCallers(callers: TreeGrower, tree: FrameTree, node: number): void {
  let at = 0;
  for (let up = tree.parent[node]; up > 0; up = tree.parent[up]) at = callers.child(at, up);
  callers.add(at, node, true);
}
