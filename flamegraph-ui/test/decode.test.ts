import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError, decodeDiff, decodeProfile, MAX_NODES } from "../src/model/decode";
import { topFunctions } from "../src/model/functions";
import { answer, profile, shapes } from "./trees";

const good = () => answer({ parents: [-1, 0, 1], selves: [0, 10, 5], names: [0, 1, 2] });

function broken(change: Record<string, unknown>, nodes: Record<string, unknown> = {}): () => unknown {
  const base = good();
  return () => decodeProfile({ ...base, ...change, nodes: { ...(base.nodes as object), ...nodes } });
}

describe("decoding a flame graph", () => {
  it("reads what the service describes", () => {
    const { tree, total } = decodeProfile(good());
    expect(total).toBe(15);
    expect([...tree.depth]).toEqual([0, 1, 2]);
    expect([...tree.total]).toEqual([15, 15, 5]);
  });

  it.each([
    ["a child before its parent", {}, { parent: [-1, 2, 0] }, /nodes\.parent\[1\] is 2, a parent must stand before its child/],
    ["a root with a parent", {}, { parent: [0, 0, 1] }, /nodes\.parent\[0\] is 0, the root must have -1/],
    ["a node that is its own parent", {}, { parent: [-1, 1, 1] }, /nodes\.parent\[1\]/],
    ["no node at all", {}, { parent: [] }, /nodes\.parent is empty/],
    ["columns of different length", {}, { self: [1] }, /nodes\.self has 1 entries, nodes\.parent has 3/],
    ["a name that is not there", {}, { name: [0, 1, 99] }, /nodes\.name\[2\] is 99, it must be an integer from 0 to 5/],
    ["a fraction for an index", {}, { kind: [0, 0.5, 0] }, /nodes\.kind\[1\] is 0\.5/],
    ["a negative value", {}, { self: [0, -1, 5] }, /nodes\.self\[1\] is -1, it must not be negative/],
    ["a value that is no number", {}, { total: [15, "15", 5] }, /nodes\.total\[1\] is "15", it must be a number/],
    ["children larger than their parent", {}, { total: [15, 12, 5] }, /nodes\.total\[1\] is 12, less than its self value and children/],
    ["a missing column", {}, { flags: undefined }, /nodes\.flags is missing, it must be an array/],
    ["names that are no strings", { names: [1] }, {}, /names\[0\] is 1, it must be a string/],
    ["a missing total", { total: undefined }, {}, /total is missing/],
    ["an infinite total", { total: Infinity }, {}, /total is null|total is/],
  ])("refuses %s and says where", (_, change, nodes, message) => {
    expect(broken(change, nodes)).toThrow(DecodeError);
    expect(broken(change, nodes)).toThrow(message);
  });

  it("refuses more nodes than it would ever ask for", () => {
    const parent = { length: MAX_NODES + 1 };
    const column = Object.assign([], { [0]: -1 });
    column.length = parent.length;
    expect(broken({}, { parent: column })).toThrow(/at most 2000000 are read/);
  });

  it("never fails in another way, whatever comes", () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom("nodes", "names", "total", "empty", "profilers"), (value, key) => {
        for (const json of [value, { ...good(), [key]: value }, { ...good(), nodes: { ...(good().nodes as object), parent: value } }]) {
          try {
            decodeProfile(json);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
          try {
            decodeDiff(json);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
      }),
    );
  });
});

describe("functions", () => {
  it("share out exactly the value of the profile by self", () => {
    fc.assert(
      fc.property(shapes(), (shape) => {
        const { tree } = profile(shape);
        const self = topFunctions(tree).reduce((sum, row) => sum + row.self, 0);
        expect(self + tree.self[0]).toBe(tree.total[0]);
      }),
    );
  });

  it("never have more total than the profile, and at least their self", () => {
    fc.assert(
      fc.property(shapes(), (shape) => {
        const { tree } = profile(shape);
        for (const row of topFunctions(tree)) {
          expect(row.total).toBeLessThanOrEqual(tree.total[0]);
          expect(row.total).toBeGreaterThanOrEqual(row.self);
        }
      }),
    );
  });

  it("count recursion once", () => {
    const { tree } = profile({ parents: [-1, 0, 1, 2], selves: [0, 1, 2, 4], names: [0, 3, 3, 3] });
    expect(topFunctions(tree)).toMatchObject([{ name: "work", self: 7, total: 7 }]);
  });
});
