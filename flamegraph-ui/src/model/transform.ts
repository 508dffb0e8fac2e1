import { TreeGrower } from "./grow";
import { FLAG_FOLDED, isUnnamed, nameOf, pathOf, type FrameTree } from "./tree";

/**
 * A change of what is drawn; the profile stays as it is.
 *
 * - `unnamed`: a run of frames without a name, in one executable, becomes one
 * - `below`: what a function calls counts as its own
 * - `hide`: a function is left out, what it calls stands under its caller
 * - `drop`: stacks with a function are left out, and with them their value
 */
export type Transform = { what: "unnamed" } | { what: "below" | "hide" | "drop"; name: string };

/** A tree after transforms, and where its nodes came from. */
export interface Transformed {
  tree: FrameTree;
  /** Path of a node as the service knows it; null where a node stands for several of its nodes. */
  servicePath: (node: number) => string[] | null;
}

/** Applies transforms, all at once: their order makes no difference. */
export function transform(tree: FrameTree, list: readonly Transform[]): Transformed {
  if (list.length === 0) return { tree, servicePath: (node) => pathOf(tree, node) };
  const grower = new TreeGrower(tree);
  const place = new Int32Array(tree.size);
  const below = new Uint8Array(tree.size);
  const fold = list.some(({ what }) => what === "unnamed");
  const rules = rulesByName(tree, list);
  grower.add(0, 0);
  for (let n = 1; n < tree.size; n++) {
    const parent = place[tree.parent[n]];
    const rule = tree.flags[n] === 2 ? undefined : rules[tree.name[n]];
    if (parent < 0 || rule === "drop") {
      place[n] = -1;
      continue;
    }
    if (below[tree.parent[n]] === 1) {
      place[n] = parent;
      below[n] = 1;
    } else if (rule === "hide") place[n] = parent;
    else if (fold && isUnnamed(tree, n)) place[n] = foldInto(grower, tree, parent, n);
    else place[n] = grower.child(parent, n);
    if (rule === "below") below[n] = 1;
    grower.add(place[n], n);
  }
  const grown = grower.done(tree.rootLabel);
  const single = new Uint8Array(grown.tree.size);
  single[0] = 1;
  for (let n = 1; n < grown.tree.size; n++) {
    single[n] = single[grown.tree.parent[n]] === 1 && grown.joined[n] === 0 && (grown.tree.flags[n] & FLAG_FOLDED) === 0 ? 1 : 0;
  }
  return { tree: grown.tree, servicePath: (node) => (single[node] === 1 ? pathOf(tree, grown.like[node]) : null) };
}

function rulesByName(tree: FrameTree, list: readonly Transform[]): ("below" | "hide" | "drop" | undefined)[] {
  const rules: ("below" | "hide" | "drop" | undefined)[] = [];
  for (const one of list) {
    if (one.what === "unnamed") continue;
    const name = tree.names.indexOf(one.name);
    if (name >= 0) rules[name] = one.what;
  }
  return rules;
}

function foldInto(grower: TreeGrower, tree: FrameTree, parent: number, node: number): number {
  const mapping = tree.mapping[node];
  const folded = (grower.flagsOf(parent) & FLAG_FOLDED) !== 0;
  if (folded && tree.mapping[grower.likeOf(parent)] === mapping) return parent;
  return grower.child(parent, node, foldedName(tree, node), FLAG_FOLDED);
}

/** What a run of frames without a name is called: the executable that they lie in. */
export function foldedName(tree: FrameTree, node: number): string {
  const executable = tree.mappings[tree.mapping[node]] || nameOf(tree, node).replace(/\+0x[0-9a-f]+$/, "");
  return `${executable} · no symbols`;
}

/** How much of a tree is spent in frames without a name: self values, in the unit. */
export function unnamedSelf(tree: FrameTree, self = tree.self): number {
  let sum = 0;
  for (let n = 1; n < tree.size; n++) if (isUnnamed(tree, n)) sum += self[n];
  return sum;
}

const PREFIXES = ["below", "hide", "drop"] as const;
export const MAX_TRANSFORMS = 32;

/** A transform as one word of an address: `unnamed`, `hide:malloc`. */
export function formatTransform(one: Transform): string {
  return one.what === "unnamed" ? "unnamed" : `${one.what}:${one.name}`;
}

/** Reads what formatTransform writes; null when it is none. */
export function parseTransform(text: string): Transform | null {
  if (text === "unnamed") return { what: "unnamed" };
  for (const what of PREFIXES) {
    if (text.startsWith(`${what}:`) && text.length > what.length + 1) return { what, name: text.slice(what.length + 1) };
  }
  return null;
}

export function isFolded(list: readonly Transform[]): boolean {
  return list.some(({ what }) => what === "unnamed");
}

/** The list with one transform more; of one function only the last counts. */
export function withTransform(list: readonly Transform[], added: Transform): Transform[] {
  const same = (one: Transform) => (one.what === "unnamed" || added.what === "unnamed" ? one.what === added.what : one.name === added.name);
  return [...list.filter((one) => !same(one)), added].slice(-MAX_TRANSFORMS);
}
