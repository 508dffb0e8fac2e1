import { FLAG_LOW_CONFIDENCE, type FrameTree } from "./tree";

/**
 * Builds a tree out of nodes of another: equal frames under one parent become one node, which is of low
 * confidence when one of them is. Values are added to `self` (both sides of a comparison alike); totals follow when the tree is done.
 */
export class TreeGrower {
  private readonly parent: number[] = [-1];
  private readonly like: number[] = [0];
  private readonly name: number[] = [0];
  private readonly flags: number[] = [0];
  private readonly joined: number[] = [0];
  private readonly columns: number[][];
  private readonly children = new Map<number, number>();
  private readonly identities = new Map<string, number>();
  private readonly names: string[];
  private readonly namesByText = new Map<string, number>();

  constructor(private readonly from: FrameTree) {
    this.columns = from.sides ? [[0], [0]] : [[0]];
    this.names = [...from.names];
  }

  /** The child with the frame of a node of the other tree; `name` and `flag` replace its own. */
  child(parent: number, node: number, name?: string, flag = 0): number {
    const { from } = this;
    const index = name === undefined ? from.name[node] : this.nameOf(name);
    const flags = from.flags[node] | flag;
    // A frame made up from several has no one file.
    const file = flag === 0 ? from.file[node] : 0;
    const identity = this.identityOf(`${index} ${from.kind[node]} ${from.mapping[node]} ${file} ${flags & ~FLAG_LOW_CONFIDENCE}`);
    const key = parent * 4_194_304 + identity;
    let child = this.children.get(key);
    if (child === undefined) {
      child = this.parent.push(parent) - 1;
      this.like.push(node);
      this.name.push(index);
      this.flags.push(flags);
      this.joined.push(0);
      for (const column of this.columns) column.push(0);
      this.children.set(key, child);
    } else {
      this.joined[child] = 1;
      this.flags[child] |= flags & FLAG_LOW_CONFIDENCE;
    }
    return child;
  }

  /** Adds what ended in a node of the other tree, or all of it (`whole`), to a node of this one. */
  add(to: number, node: number, whole = false): void {
    const { from } = this;
    if (!from.sides) {
      this.columns[0][to] += whole ? from.total[node] : from.self[node];
      return;
    }
    const { selfA, totalA, selfB, totalB } = from.sides;
    this.columns[0][to] += whole ? totalA[node] : selfA[node];
    this.columns[1][to] += whole ? totalB[node] : selfB[node];
  }

  flagsOf(node: number): number {
    return this.flags[node];
  }

  /** Node of the other tree that a node was first made from. */
  likeOf(node: number): number {
    return this.like[node];
  }

  /** The grown tree, and for each of its nodes the first one it came from, and whether there were more. */
  done(rootLabel?: string): { tree: FrameTree; like: Int32Array; joined: Uint8Array } {
    const { from, parent } = this;
    const pick = (column: Int32Array) => Int32Array.from(this.like, (node) => column[node]);
    const depth = new Int32Array(parent.length);
    for (let n = 1; n < parent.length; n++) depth[n] = depth[parent[n]] + 1;
    const selves = this.columns.map((column) => Float64Array.from(column));
    const totals = selves.map((self) => {
      const total = self.slice();
      for (let n = parent.length - 1; n > 0; n--) total[parent[n]] += total[n];
      return total;
    });
    const tree: FrameTree = {
      size: parent.length,
      parent: Int32Array.from(parent),
      depth,
      name: Int32Array.from(this.name),
      file: pick(from.file),
      mapping: pick(from.mapping),
      kind: pick(from.kind),
      flags: Uint8Array.from(this.flags),
      self: from.sides ? new Float64Array(parent.length) : selves[0],
      total: from.sides ? new Float64Array(parent.length) : totals[0],
      names: this.names,
      files: from.files,
      mappings: from.mappings,
      buildIds: from.buildIds,
      kinds: from.kinds,
      sides: from.sides ? { selfA: selves[0], totalA: totals[0], selfB: selves[1], totalB: totals[1] } : null,
      ...(rootLabel === undefined ? {} : { rootLabel }),
    };
    return { tree, like: Int32Array.from(this.like), joined: Uint8Array.from(this.joined) };
  }

  private identityOf(text: string): number {
    let identity = this.identities.get(text);
    if (identity === undefined) this.identities.set(text, (identity = this.identities.size));
    return identity;
  }

  private nameOf(text: string): number {
    let index = this.namesByText.get(text);
    if (index === undefined) this.namesByText.set(text, (index = this.names.push(text) - 1));
    return index;
  }
}
