import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cull, Spans, type View } from "../src/layout/cull";
import { hit, layOut } from "../src/layout/layout";
import { childrenOf, findPath, pathOf } from "../src/model/tree";
import { profile, shapes } from "./trees";

const views = fc.record({ a: fc.double({ min: 0, max: 1, noNaN: true }), b: fc.double({ min: 0, max: 1, noNaN: true }), width: fc.integer({ min: 1, max: 400 }) })
  .filter(({ a, b }) => Math.abs(a - b) > 1e-6)
  .map(({ a, b, width }): View => ({ x0: Math.min(a, b), x1: Math.max(a, b), width, firstLevel: 0, lastLevel: 1000 }));

describe("layout", () => {
  it("keeps children within their parent, side by side", () => {
    fc.assert(
      fc.property(shapes(), (shape) => {
        const { tree } = profile(shape);
        const layout = layOut(tree);
        for (let n = 1; n < tree.size; n++) {
          const p = layout.position[n];
          const parent = layout.position[tree.parent[n]];
          expect(layout.left[p]).toBeGreaterThanOrEqual(layout.left[parent]);
          expect(layout.right[p]).toBeLessThanOrEqual(layout.right[parent] + 1e-12);
          expect(layout.order[p]).toBe(n);
        }
        for (let p = 1; p < tree.size; p++) {
          if (tree.depth[layout.order[p]] === tree.depth[layout.order[p - 1]]) expect(layout.left[p]).toBeGreaterThanOrEqual(layout.right[p - 1]);
        }
      }),
    );
  });

  it("gives each node the width of its share", () => {
    fc.assert(
      fc.property(shapes(), (shape) => {
        const { tree } = profile(shape);
        const layout = layOut(tree);
        fc.pre(tree.total[0] > 0);
        for (let n = 0; n < tree.size; n++) {
          const p = layout.position[n];
          expect(layout.right[p] - layout.left[p]).toBeCloseTo(tree.total[n] / tree.total[0], 9);
        }
      }),
    );
  });

  it("finds the frame in whose middle one points", () => {
    fc.assert(
      fc.property(shapes(), (shape) => {
        const { tree } = profile(shape);
        const layout = layOut(tree);
        for (let n = 0; n < tree.size; n++) {
          const p = layout.position[n];
          if (layout.right[p] > layout.left[p]) expect(hit(layout, tree.depth[n], (layout.left[p] + layout.right[p]) / 2)).toBe(p);
        }
        expect(hit(layout, layout.levels, 0.5)).toBe(-1);
        expect(hit(layout, 0, 1)).toBe(-1);
      }),
    );
  });

  it("puts the widest child first and orders equal ones by name", () => {
    const { tree } = profile({ parents: [-1, 0, 0, 0], selves: [0, 5, 9, 5], names: [0, 5, 0, 3] });
    expect([...layOut(tree).order]).toEqual([0, 2, 3, 1]);
  });

  it("lays out a profile without values as nothing", () => {
    const layout = layOut(profile({ parents: [-1, 0], selves: [0, 0], names: [0, 1] }).tree);
    expect(layout.right[1]).toBe(0);
  });
});

describe("cull", () => {
  it("draws exactly the frames that are a pixel wide and in view", () => {
    fc.assert(
      fc.property(shapes(200), views, (shape, view) => {
        const { tree } = profile(shape);
        const layout = layOut(tree);
        const spans = new Spans();
        cull(layout, view, spans);
        const scale = view.width / (view.x1 - view.x0);
        const wide = new Set<number>();
        for (let p = 0; p < tree.size; p++) {
          const visible = layout.right[p] > view.x0 && layout.left[p] < view.x1;
          if (visible && (layout.right[p] - layout.left[p]) * scale >= 1) wide.add(p);
        }
        const drawn = new Set<number>();
        for (let i = 0; i < spans.length; i++) {
          if (spans.count[i] === 1 && (layout.right[spans.position[i]] - layout.left[spans.position[i]]) * scale >= 1) drawn.add(spans.position[i]);
        }
        expect(drawn).toEqual(wide);
      }),
    );
  });

  it("counts every thin frame in view in one strip", () => {
    fc.assert(
      fc.property(shapes(200), views, (shape, view) => {
        const { tree } = profile(shape);
        const layout = layOut(tree);
        const spans = new Spans();
        cull(layout, view, spans);
        let counted = 0;
        for (let i = 0; i < spans.length; i++) counted += spans.count[i];
        let visible = 0;
        for (let p = 0; p < tree.size; p++) {
          if (layout.right[p] > view.x0 && layout.left[p] < view.x1 && layout.right[p] > layout.left[p]) visible++;
        }
        expect(counted).toBe(visible);
      }),
    );
  });

  it("draws no level outside of the view", () => {
    const chain = { parents: [-1, 0, 1, 2, 3], selves: [0, 0, 0, 0, 1], names: [0, 0, 0, 0, 0] };
    const spans = new Spans();
    cull(layOut(profile(chain).tree), { x0: 0, x1: 1, width: 100, firstLevel: 2, lastLevel: 3 }, spans);
    expect([...spans.level.subarray(0, spans.length)]).toEqual([2, 3]);
  });
});

describe("paths", () => {
  it("lead back to a node of the same path", () => {
    fc.assert(
      fc.property(shapes(), (shape) => {
        const { tree } = profile(shape);
        for (let n = 0; n < tree.size; n++) {
          const found = findPath(tree, pathOf(tree, n));
          // Of siblings with one name the largest is taken, which may lack the rest of the way.
          if (found.exact) expect(pathOf(tree, found.node)).toEqual(pathOf(tree, n));
        }
      }),
    );
  });

  it("end at the nearest caller that is still there", () => {
    const { tree } = profile({ parents: [-1, 0, 1], selves: [0, 0, 1], names: [0, 0, 3] });
    expect(findPath(tree, ["main", "gone", "x"])).toEqual({ node: 1, exact: false });
    expect(findPath(tree, ["main", "work"])).toEqual({ node: 2, exact: true });
  });

  it("children are those whose parent a node is", () => {
    fc.assert(
      fc.property(shapes(), (shape) => {
        const { tree } = profile(shape);
        for (let n = 0; n < tree.size; n++) {
          const expected = shape.parents.flatMap((parent, child) => (parent === n ? [child] : []));
          expect([...childrenOf(tree, n)]).toEqual(expected);
        }
      }),
    );
  });
});
