import * as fc from "fast-check";
import { decodeDiff, decodeProfile, type DiffProfile, type Profile } from "../src/model/decode";
import { pathOf, type FrameTree } from "../src/model/tree";

export interface Shape {
  parents: number[];
  selves: number[];
  names: number[];
}

/** Trees of up to `max` nodes; parents before children, whole values. */
export function shapes(max = 60): fc.Arbitrary<Shape> {
  return fc.integer({ min: 1, max }).chain((size) =>
    fc.record({
      parents: fc.tuple(...Array.from({ length: size - 1 }, (_, i) => fc.nat(i))).map((rest) => [-1, ...(rest as number[])]),
      selves: fc.array(fc.nat(1000), { minLength: size, maxLength: size }),
      names: fc.array(fc.nat(5), { minLength: size, maxLength: size }),
    }),
  );
}

const NAMES = ["main", "a/b/C.run", "std::sort", "work", "read", "write"];

function columns(shape: Shape) {
  const zero = shape.parents.map(() => 0);
  return { parent: shape.parents, name: shape.names, file: zero, mapping: zero, kind: zero, flags: zero };
}

export function totals(parents: number[], selves: number[]): number[] {
  const total = [...selves];
  for (let n = parents.length - 1; n > 0; n--) total[parents[n]] += total[n];
  return total;
}

export function answer(shape: Shape): Record<string, unknown> {
  const total = totals(shape.parents, shape.selves);
  return {
    type: "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
    unit: "nanoseconds",
    fromMillis: 0,
    untilMillis: 1000,
    total: total[0],
    samples: 100,
    seconds: 1,
    hiddenNodes: 0,
    profiler: "flarepath",
    profilers: [],
    incomplete: 0,
    incompleteReasons: [],
    empty: null,
    names: NAMES,
    files: [""],
    mappings: [""],
    buildIds: [""],
    kinds: ["native"],
    nodes: { ...columns(shape), self: shape.selves, total },
  };
}

export function profile(shape: Shape): Profile {
  return decodeProfile(answer(shape));
}

export function diffProfile(shape: Shape, selvesB: number[]): DiffProfile {
  const side = (selves: number[]) => ({
    total: totals(shape.parents, selves)[0],
    samples: 1000,
    seconds: 10,
    fromMillis: 0,
    untilMillis: 10_000,
    profiler: "",
    profilers: [],
    incomplete: 0,
    incompleteReasons: [],
    empty: null,
  });
  return decodeDiff({
    ...answer(shape),
    a: side(shape.selves),
    b: side(selvesB),
    nodes: {
      ...columns(shape),
      selfA: shape.selves,
      totalA: totals(shape.parents, shape.selves),
      selfB: selvesB,
      totalB: totals(shape.parents, selvesB),
    },
  });
}

/** A tree out of folded stacks: `a;b 10`. Names with `file+0x…` lie in that file. */
export function folded(...lines: string[]): FrameTree {
  const names: string[] = [""];
  const mappings: string[] = [""];
  const parents = [-1];
  const selves = [0];
  const name = [0];
  const mapping = [0];
  const index = (list: string[], text: string) => (list.includes(text) ? list.indexOf(text) : list.push(text) - 1);
  for (const line of lines) {
    const [, stack, value] = /^(.*) (\d+)$/.exec(line)!;
    let at = 0;
    for (const frame of stack.split(";")) {
      const found = parents.findIndex((parent, n) => parent === at && names[name[n]] === frame);
      if (found > 0) {
        at = found;
        continue;
      }
      parents.push(at);
      at = parents.length - 1;
      selves.push(0);
      name.push(index(names, frame));
      mapping.push(index(mappings, /^(.*)\+0x/.exec(frame)?.[1] ?? ""));
    }
    selves[at] += Number(value);
  }
  const base = answer({ parents, selves, names: name });
  const nodes = { ...(base.nodes as object), mapping };
  return decodeProfile({ ...base, names, mappings, buildIds: mappings.map(() => ""), nodes }).tree;
}

/** Paths with their self values, as folded stacks, sorted. */
export function stacks(tree: FrameTree): string[] {
  const lines: string[] = [];
  for (let n = 1; n < tree.size; n++) if (tree.self[n] > 0) lines.push(`${pathOf(tree, n).join(";")} ${tree.self[n]}`);
  return lines.sort();
}
