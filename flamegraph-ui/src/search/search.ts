import { displayName, type FrameTree } from "../model/tree";
import type { Layout } from "../layout/layout";

/** How a search text is understood. */
export interface Pattern {
  readonly text: string;
  /** False when the text is no valid regular expression and is looked for as it stands. */
  readonly regex: boolean;
  test(name: string): boolean;
}

/** The pattern for a text: a regular expression without regard to case, else plain text. Null when empty. */
export function patternOf(text: string): Pattern | null {
  if (text.trim() === "") return null;
  try {
    const expression = new RegExp(text, "i");
    return { text, regex: true, test: (name) => expression.test(name) };
  } catch {
    const lower = text.toLowerCase();
    return { text, regex: false, test: (name) => name.toLowerCase().includes(lower) };
  }
}

/** Frames that match, and how much of the root lies under them. */
export interface Matches {
  /** Node → 1 when its name matches. */
  readonly nodes: Uint8Array;
  /** Matching nodes in reading order: top level first, left to right. */
  readonly list: Int32Array;
  /** Value under matching frames, nested matches counted once. */
  readonly value: number;
  readonly pattern: Pattern;
}

export function search(layout: Layout, width: Float64Array, pattern: Pattern): Matches {
  const tree = layout.tree;
  const byName = matchingNames(tree, pattern);
  const kinds = tree.kinds.length;
  const nodes = new Uint8Array(tree.size);
  const covered = new Uint8Array(tree.size);
  let value = 0;
  for (let n = 1; n < tree.size; n++) {
    const above = covered[tree.parent[n]];
    if (byName[tree.name[n] * kinds + tree.kind[n]] === 1 && (tree.flags[n] & 2) === 0 && width[n] > 0) {
      nodes[n] = 1;
      if (!above) value += width[n];
      covered[n] = 1;
    } else {
      covered[n] = above;
    }
  }
  return { nodes, list: layout.order.filter((node) => nodes[node] === 1), value, pattern };
}

/** Each pair of name and kind is tested once, not each node; 1 = matches, 2 = does not. */
function matchingNames(tree: FrameTree, pattern: Pattern): Uint8Array {
  const kinds = tree.kinds.length;
  const result = new Uint8Array(tree.names.length * kinds);
  for (let n = 1; n < tree.size; n++) {
    const key = tree.name[n] * kinds + tree.kind[n];
    if (result[key] !== 0) continue;
    const name = tree.names[tree.name[n]];
    const shown = displayName(name, tree.kinds[tree.kind[n]]);
    result[key] = pattern.test(shown) || pattern.test(name) ? 1 : 2;
  }
  return result;
}
