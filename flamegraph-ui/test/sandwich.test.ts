import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sandwich } from "../src/model/sandwich";
import { topFunctions } from "../src/model/functions";
import { labelOf, pathOf } from "../src/model/tree";
import { diffProfile, folded, profile, shapes, stacks } from "./trees";

describe("callers and callees", () => {
  const tree = folded("main;a;work;read 4", "main;b;work 3", "idle;work;read 2", "main;a 9");

  it("join all places of a function", () => {
    const { callers, callees, places } = sandwich(tree, "work");
    expect(places).toBe(3);
    expect(stacks(callees)).toEqual(["read 6"]);
    expect(callees.self[0]).toBe(3);
    expect(stacks(callers)).toEqual(["a;main 4", "b;main 3", "idle 2"]);
    expect(labelOf(callees, 0)).toBe("work");
  });

  it("take a recursive function at its outermost call", () => {
    const { callers, callees, places } = sandwich(folded("main;f;f;g 5", "main;f;g;f 2"), "f");
    expect(places).toBe(1);
    expect(stacks(callees)).toEqual(["f;g 5", "g;f 2"]);
    expect(stacks(callers)).toEqual(["main 7"]);
  });

  it("are empty for a function that is not there", () => {
    expect(sandwich(tree, "nowhere").places).toBe(0);
  });

  it("both weigh what the table says of the function", () => {
    fc.assert(
      fc.property(shapes(), fc.constantFrom("main", "work", "read"), (shape, name) => {
        const whole = profile(shape).tree;
        const row = topFunctions(whole).find((one) => one.name === name);
        const { callers, callees } = sandwich(whole, name);
        expect(callers.total[0]).toBe(row?.total ?? 0);
        expect(callees.total[0]).toBe(row?.total ?? 0);
        // Self of the function is that of the root and of the calls within.
        let self = callees.self[0];
        for (let n = 1; n < callees.size; n++) if (pathOf(callees, n).at(-1) === name) self += callees.self[n];
        expect(self).toBe(row?.self ?? 0);
      }),
    );
  });

  it("keep both sides of a comparison", () => {
    fc.assert(
      fc.property(shapes(), (shape) => {
        const whole = diffProfile(shape, shape.selves.map((self) => self * 3)).tree;
        const { callers, callees } = sandwich(whole, "work");
        expect(callers.sides!.totalB[0]).toBe(3 * callers.sides!.totalA[0]);
        expect(callees.sides!.totalB[0]).toBe(callers.sides!.totalB[0]);
      }),
    );
  });
});
