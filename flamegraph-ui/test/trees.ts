import * as fc from "fast-check";
import { decodeDiff, decodeProfile, type DiffProfile, type Profile } from "../src/model/decode";

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
    empty: null,
    names: NAMES,
    files: [""],
    mappings: [""],
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
