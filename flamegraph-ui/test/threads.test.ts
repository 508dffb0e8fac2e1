import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { darkest, describeThreads, FINEST_MILLIS, holds, MOST_THREADS, partOf, partParams, threadName, type ThreadRow, type Threads } from "../src/model/threads";

const START = 1_700_000_000_000;

function row(change: Partial<ThreadRow> = {}): ThreadRow {
  return { id: 7, name: "main", labels: { pod: "a" }, total: 10, values: [1, 9], ...change };
}

function answer(threads: ThreadRow[], stepMillis = 500): Threads {
  return { startMillis: START, stepMillis, unit: "nanoseconds", total: 0, hiddenThreads: 0, hiddenTotal: 0, threads, empty: null };
}

const range = { from: START, until: START + 60_000 };

describe("a part of time and threads", () => {
  it("is of whole steps and of the rows that the rectangle touches, whichever way it is drawn", () => {
    const data = answer([row({ id: 1 }), row({ id: 2 }), row({ id: 3 })]);
    const part = { from: START + 1000, until: START + 2500, ids: [2, 3], names: [], pod: "" };
    expect(partOf(data, range, { from: START + 1200, until: START + 2100, first: 1, last: 2 })).toEqual(part);
    expect(partOf(data, range, { from: START + 2100, until: START + 1200, first: 2, last: 1 })).toEqual(part);
  });

  it("lies within the range and is never shorter than samples tell apart", () => {
    const rectangle = fc.record({ from: fc.integer({ min: -90_000, max: 90_000 }), until: fc.integer({ min: -90_000, max: 90_000 }), first: fc.nat(3), last: fc.nat(3) });
    fc.assert(
      fc.property(rectangle, fc.constantFrom(100, 300, 15_000), ({ from, until, ...rows }, step) => {
        const part = partOf(answer([row(), row({ id: 8 }), row({ id: 0 }), row({ id: 0, name: "" })], step), range, { from: START + from, until: START + until, ...rows });
        expect(part.from).toBeGreaterThanOrEqual(range.from);
        expect(part.until - part.from).toBeGreaterThanOrEqual(FINEST_MILLIS);
        expect(part.from % FINEST_MILLIS).toBe(0);
        expect(part.until % FINEST_MILLIS).toBe(0);
      }),
    );
  });

  it("holds exactly the rows that it was made of", () => {
    const threads = [row({ id: 1 }), row({ id: 0, name: "pool" }), row({ id: 0, name: "" }), row({ id: 1, labels: { pod: "b" } }), row({ id: 4, labels: { pod: "b" } })];
    for (let i = 0; i < threads.length; i++) {
      const part = partOf(answer(threads), range, { from: START, until: START + 1000, first: i, last: i });
      expect(threads.map((thread) => holds(part, thread))).toEqual(threads.map((_, at) => at === i));
    }
  });

  it("asks for threads by number, and by name where they have none", () => {
    const part = partOf(answer([row({ id: 1 }), row({ id: 0, name: "pool" }), row({ id: 0, name: "" })]), range, { from: START, until: START + 500, first: 0, last: 2 });
    expect(partParams(part)).toEqual({ from: START, until: START + 500, fine: "true", thread: ["1", "0"], threadName: ["pool"] });
  });

  it("takes no more threads than the service does", () => {
    const many = Array.from({ length: 90 }, (_, i) => row({ id: i + 1 }));
    expect(partOf(answer(many), range, { from: START, until: START + 500, first: 0, last: 89 }).ids).toHaveLength(MOST_THREADS);
  });
});

describe("the picture of threads", () => {
  it("holds CPU time against one CPU, anything else against the most there is", () => {
    expect(darkest(answer([row()], 200), true)).toBe(2e8);
    expect(darkest(answer([row(), row({ values: [400] })]), false)).toBe(400);
    expect(darkest(answer([]), false)).toBe(1);
  });

  it("names threads as far as they are known", () => {
    expect([row(), row({ id: 0 }), row({ name: "" }), row({ id: 0, name: "" })].map(threadName)).toEqual(["main 7", "main", "thread 7", "thread not known"]);
    const rows = [row({ id: 1, name: "x" }), row({ id: 2, name: "y" }), row({ id: 3, name: "z" })];
    const part = (ids: number[]) => ({ ...range, ids, names: [], pod: "" });
    expect(describeThreads(part([1, 2]), rows)).toBe("x 1, y 2");
    expect(describeThreads(part([1, 2, 3]), rows)).toBe("x 1 and 2 more threads");
    expect(describeThreads(part([9]), rows)).toBe("thread 9");
    expect(describeThreads(part([]), rows)).toBe("all threads");
  });
});
