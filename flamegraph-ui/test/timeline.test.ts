import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeBeside } from "../src/draw/floating";
import { lonely, moveSide, SNAP, timelineSpan, timeTicks, untilKnown } from "../src/format/timeline";
import { TIMELINES } from "../src/url/state";

const NOW = 1_800_000_000_000;
const spans = fc.record({ back: fc.integer({ min: 0, max: 40 * 86400e3 }), length: fc.integer({ min: SNAP, max: 7 * 86400e3 }) }).map(({ back, length }) => ({ from: NOW - back - length, until: NOW - back }));

describe("the timeline", () => {
  it("holds both sides, is as long as asked, and ends within a step of now", () => {
    fc.assert(
      fc.property(spans, spans, fc.constantFrom(...TIMELINES), (a, b, length) => {
        const whole = timelineSpan(a, b, length, NOW, null);
        expect(whole.from).toBeLessThan(Math.min(a.from, b.from));
        expect(whole.until).toBeGreaterThanOrEqual(Math.max(a.until, b.until));
        expect(whole.until).toBeLessThan(NOW + 600e3 + 1);
        const hours = { "": 0, "1h": 1, "6h": 6, "24h": 24, "7d": 168, "30d": 720 }[length];
        expect(whole.until - whole.from).toBeGreaterThanOrEqual(hours * 3600e3);
      }),
    );
  });

  it("stays while both sides are well within it, and follows when one leaves", () => {
    const a = { from: NOW - 3600e3, until: NOW - 1800e3 };
    const b = { from: NOW - 1800e3, until: NOW };
    const first = timelineSpan(a, b, "", NOW, null);
    expect(timelineSpan({ ...a, from: a.from - 120e3 }, b, "", NOW, first)).toBe(first);
    const far = timelineSpan({ from: NOW - 7 * 86400e3, until: NOW - 6 * 86400e3 }, b, "", NOW, first);
    expect(far.from).toBeLessThan(NOW - 7 * 86400e3);
  });

  it("has round ticks within, never more than wanted", () => {
    fc.assert(
      fc.property(spans, fc.integer({ min: 2, max: 12 }), (span, most) => {
        const ticks = timeTicks(span, most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        for (const at of ticks) expect(at >= span.from && at <= span.until && at % 30e3 === 0).toBe(true);
      }),
    );
  });
});

describe("a course", () => {
  it("ends with the last step that has come whole", () => {
    expect(untilKnown([1, 2, 3, 4], 0, 10_000, 30_000)).toEqual([1, 2, 3, null]);
    expect(untilKnown([1, 2, 3, 4], 0, 10_000, 29_999)).toEqual([1, 2, null, null]);
    expect(untilKnown([], 0, 10_000, 0)).toEqual([]);
  });

  it("has a point where there is nothing beside a value", () => {
    expect(lonely([1, null, 2, 3, null, null, 4])).toEqual([0, 6]);
    expect(lonely([null, 0, undefined])).toEqual([1]);
    expect(lonely([])).toEqual([]);
  });
});

describe("a side that is drawn", () => {
  it("stays in order, on whole steps where it was moved, and never ends after now", () => {
    fc.assert(
      fc.property(spans, fc.constantFrom("from" as const, "until" as const, "whole" as const), fc.integer({ min: -1e9, max: 1e9 }), (side, grip, by) => {
        const moved = moveSide(side, grip, by, NOW);
        expect(moved.until).toBeGreaterThan(moved.from);
        expect(moved.until).toBeLessThanOrEqual(Math.max(NOW, side.until));
        if (grip === "from") expect(moved.until).toBe(side.until);
        if (grip === "until") expect(moved.from).toBe(side.from);
        if (grip === "whole") expect(moved.until - moved.from).toBe(side.until - side.from);
      }),
    );
  });
});

describe("what floats", () => {
  it("stays within the window, wherever the pointer is", () => {
    const view = { width: 1024, height: 700 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1024 }), fc.integer({ min: 0, max: 700 }), fc.integer({ min: 1, max: 520 }), fc.integer({ min: 1, max: 300 }), (x, y, width, height) => {
        const at = placeBeside({ x, y }, { width, height }, view, { x: 12, y: 18 });
        expect(at.x).toBeGreaterThanOrEqual(0);
        expect(at.y).toBeGreaterThanOrEqual(0);
        expect(at.x + width).toBeLessThanOrEqual(view.width);
        expect(at.y + height).toBeLessThanOrEqual(view.height);
      }),
    );
  });

  it("stands below and to the right where there is room", () => {
    expect(placeBeside({ x: 100, y: 100 }, { width: 200, height: 80 }, { width: 1000, height: 700 }, { x: 12, y: 18 })).toEqual({ x: 112, y: 118 });
    expect(placeBeside({ x: 990, y: 690 }, { width: 200, height: 80 }, { width: 1000, height: 700 }, { x: 12, y: 18 })).toEqual({ x: 778, y: 592 });
  });
});
