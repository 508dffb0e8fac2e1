import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changes, changeStep, compare, isSignificant, relativeChange, STEPS, unionWidths, type Basis } from "../src/diff/diff";
import { isShown, shownWidths } from "../src/diff/filter";
import { diffProfile, shapes, type Shape } from "./trees";

const pairs = shapes().chain((shape) =>
  fc.record({ shape: fc.constant(shape), other: fc.array(fc.nat(1000), { minLength: shape.parents.length, maxLength: shape.parents.length }) }),
);
const bases: Basis[] = ["rate", "share"];
const turned = (shape: Shape, other: number[]) => diffProfile({ ...shape, selves: other }, shape.selves);

describe("a comparison", () => {
  it("of a profile with itself shows no change", () => {
    fc.assert(
      fc.property(shapes(), fc.constantFrom(...bases), (shape, basis) => {
        const comparison = compare(diffProfile(shape, shape.selves), basis);
        for (let n = 0; n < shape.parents.length; n++) {
          expect(comparison.b[n] - comparison.a[n]).toBe(0);
          expect(changeStep(comparison, n)).toBe(0);
        }
      }),
    );
  });

  it("turned round shows the opposite", () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(...bases), ({ shape, other }, basis) => {
        const there = compare(diffProfile(shape, other), basis);
        const back = compare(turned(shape, other), basis);
        for (let n = 0; n < shape.parents.length; n++) {
          expect(there.b[n] - there.a[n]).toBe(-(back.b[n] - back.a[n]) + 0);
          expect(changeStep(there, n)).toBe(-changeStep(back, n) + 0);
          expect(there.width[n]).toBe(back.width[n]);
        }
        const deltas = new Map(changes(there).map((row) => [row.name, row.deltaSelf]));
        for (const row of changes(back)) expect(row.deltaSelf).toBeCloseTo(-deltas.get(row.name)!, 9);
      }),
    );
  });

  it("has room for all children within their parent", () => {
    fc.assert(
      fc.property(pairs, ({ shape, other }) => {
        const { a, b, width } = compare(diffProfile(shape, other), "rate");
        const inside = new Float64Array(width.length);
        for (let n = 1; n < width.length; n++) inside[shape.parents[n]] += width[n];
        for (let n = 0; n < width.length; n++) {
          expect(width[n]).toBeGreaterThanOrEqual(Math.max(a[n], b[n]));
          expect(width[n] * (1 + 1e-9) + 1e-9).toBeGreaterThanOrEqual(inside[n]);
        }
      }),
    );
  });

  it("is as wide as the larger side where nothing moved between children", () => {
    const width = unionWidths(Int32Array.of(-1, 0, 0), Float64Array.of(10, 4, 6), Float64Array.of(12, 5, 7));
    expect([...width]).toEqual([12, 5, 7]);
  });

  it("adds up to the same shares on both sides", () => {
    const comparison = compare(diffProfile({ parents: [-1, 0], selves: [10, 30], names: [0, 3] }, [100, 300]), "share");
    expect(comparison.a[1]).toBeCloseTo(0.75);
    expect(comparison.b[1]).toBeCloseTo(0.75);
    expect(changeStep(comparison, 1)).toBe(0);
  });

  it("with an empty side is all new, without NaN", () => {
    for (const basis of bases) {
      const comparison = compare(diffProfile({ parents: [-1, 0], selves: [0, 0], names: [0, 3] }, [0, 500]), basis);
      expect(comparison.a[1]).toBe(0);
      expect(relativeChange(comparison.a[1], comparison.b[1])).toBe(1);
      expect(changeStep(comparison, 1)).toBe(STEPS);
    }
  });
});

describe("significance", () => {
  it("asks for half a percent of the larger side", () => {
    expect(isSignificant({ sampleA: 0, sampleB: 0, least: 5 }, 100, 104.9)).toBe(false);
    expect(isSignificant({ sampleA: 0, sampleB: 0, least: 5 }, 100, 105.1)).toBe(true);
  });

  it("asks for three deviations of the counts", () => {
    // 100 samples against 140: deviation of the difference is sqrt(240) = 15.5.
    expect(isSignificant({ sampleA: 1, sampleB: 1, least: 0 }, 100, 140)).toBe(false);
    expect(isSignificant({ sampleA: 1, sampleB: 1, least: 0 }, 100, 150)).toBe(true);
  });

  it("does not call the noise of equal distributions a change", () => {
    // 1000 seeded draws of 400 samples at 10 %: the rule errs about as often as three deviations do.
    let seed = 1;
    const next = () => ((seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 8) / 2 ** 24;
    const draw = () => Array.from({ length: 400 }, next).filter((x) => x < 0.1).length;
    let wrong = 0;
    for (let i = 0; i < 1000; i++) if (isSignificant({ sampleA: 1, sampleB: 1, least: 2 }, draw(), draw())) wrong++;
    expect(wrong).toBeLessThan(10);
  });
});

describe("what of a comparison is shown", () => {
  // main(1) calls old(2, only A), new(3, only B) and kept(4, equal); kept calls hot(5), which grew.
  const shape: Shape = { parents: [-1, 0, 1, 1, 1, 4], selves: [0, 0, 400, 0, 5000, 1000], names: [0, 0, 1, 2, 3, 4] };
  const comparison = compare(diffProfile(shape, [0, 0, 0, 300, 5000, 3000]), "rate");

  it("is all, unless asked otherwise", () => {
    expect(shownWidths(comparison, "all")).toBe(comparison.width);
  });

  it("is what only one side has, and the way to it, filling the picture", () => {
    expect([...shownWidths(comparison, "a")]).toEqual([40, 40, 40, 0, 0, 0]);
    expect([...shownWidths(comparison, "b")]).toEqual([30, 30, 0, 30, 0, 0]);
  });

  it("is what has changed, at its scale", () => {
    const shown = shownWidths(comparison, "changed");
    expect(shown[0]).toBe(comparison.width[0]);
    expect(shown[5]).toBe(300);
    const same = compare(diffProfile(shape, shape.selves), "rate");
    expect(shownWidths(same, "changed").every((width) => width === 0)).toBe(true);
  });

  it("never lets a frame out of its caller", () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(...bases), fc.constantFrom("all" as const, "a" as const, "b" as const, "changed" as const), ({ shape: one, other }, basis, show) => {
        const width = shownWidths(compare(diffProfile(one, other), basis), show);
        const inside = new Float64Array(width.length);
        for (let n = width.length - 1; n > 0; n--) inside[one.parents[n]] += width[n];
        for (let n = 0; n < width.length; n++) expect(inside[n]).toBeLessThanOrEqual(width[n] * (1 + 1e-9));
      }),
    );
  });

  it("applies to functions as it does to frames", () => {
    const names = (show: "a" | "b" | "all") => changes(comparison).filter((row) => isShown(row, show)).map((row) => row.name).sort();
    expect(names("a")).toEqual(["a/b/C.run"]);
    expect(names("b")).toEqual(["std::sort"]);
    expect(names("all")).toHaveLength(5);
  });
});
