import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coursesOf, ENDPOINT_KEYS, endpointsOf, firstCounted, isNameKey, orderedEndpoints, slotSeconds, type Endpoint, type Requests, type RequestsRow } from "../src/model/endpoints";

function row(change: Partial<RequestsRow> = {}): RequestsRow {
  return { labels: {}, count: 0, errors: 0, p50: null, p90: null, p99: null, counts: [], errorCounts: [], p50s: [], p99s: [], ...change };
}

function answer(series: RequestsRow[], change: Partial<Requests> = {}): Requests {
  return { startMillis: 0, stepMillis: 20_000, scopes: [], series, empty: null, ...change };
}

describe("endpoints", () => {
  it("have a rate over the seconds of the range and a share of failures", () => {
    const labels = { service_name: "shop", protocol: "http", method: "GET", route: "/cart" };
    const [one] = endpointsOf(answer([row({ labels, count: 600, errors: 6, p50: 0.01, p90: 0.02, p99: 0.5 })]), 60);
    expect(one).toEqual({ service: "shop", protocol: "http", method: "GET", route: "/cart", label: "shop http GET /cart", count: 600, errors: 6, rate: 10, failed: 0.01, p50: 0.01, p90: 0.02, p99: 0.5 });
  });

  it("may lack any name, and any length of the range", () => {
    const [one] = endpointsOf(answer([row({ labels: { protocol: "redis", method: "GET" } })]), 0);
    expect(one).toMatchObject({ service: "", route: "", label: "redis GET", rate: 0, failed: 0, p99: null });
  });

  const endpoints: fc.Arbitrary<Endpoint[]> = fc.array(
    fc.record({
      labels: fc.record({ service_name: fc.constantFrom("", "a", "b"), protocol: fc.constantFrom("http", "rpc"), method: fc.constantFrom("", "GET"), route: fc.string({ maxLength: 3 }) }),
      count: fc.nat(1000),
      p99: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
    }),
  ).map((rows) => endpointsOf(answer(rows.map((one) => row({ ...one, errors: Math.floor(one.count / 3) }))), 10));

  it("are ordered by any column either way, what has no value last", () => {
    fc.assert(
      fc.property(endpoints, fc.constantFrom(...ENDPOINT_KEYS), fc.boolean(), (rows, key, ascending) => {
        const ordered = orderedEndpoints(rows, key, ascending);
        expect(new Set(ordered)).toEqual(new Set(rows));
        const values = ordered.map((one) => one[key]);
        const empty = isNameKey(key) ? "" : null;
        const first = values.indexOf(empty as never);
        if (first >= 0) expect(values.slice(first).every((value) => value === empty)).toBe(true);
        const told = values.filter((value) => value !== empty) as (string | number)[];
        for (let i = 1; i < told.length; i++) expect(ascending ? told[i - 1] <= told[i] : told[i - 1] >= told[i]).toBe(true);
      }),
    );
  });

  it("that are equal have the one with most requests first", () => {
    const rows = endpointsOf(answer([row({ labels: { route: "a" }, count: 1 }), row({ labels: { route: "b" }, count: 2 })]), 10);
    for (const ascending of [true, false]) expect(orderedEndpoints(rows, "service", ascending).map((one) => one.route)).toEqual(["b", "a"]);
  });
});

describe("the slots of a range", () => {
  it("are those that start within it", () => {
    expect(slotSeconds(0, 60_000)).toBe(60);
    expect(slotSeconds(1, 60_000)).toBe(50);
    expect(slotSeconds(1, 60_001)).toBe(60);
    expect(slotSeconds(1, 9_999)).toBe(0);
    expect(slotSeconds(5, 0)).toBe(0);
  });

  it("add up over the parts of a range", () => {
    const point = fc.nat(1e6);
    fc.assert(
      fc.property(point, point, point, (x, y, z) => {
        const [a, b, c] = [x, y, z].sort((one, other) => one - other);
        expect(slotSeconds(a, b) + slotSeconds(b, c)).toBe(slotSeconds(a, c));
      }),
    );
  });
});

describe("the courses of requests", () => {
  const total = answer([row({ counts: [10, 0, 40, 5], errorCounts: [1, 0, 10, 0], p99s: [0.1, null, 0.2, 0.3] })]);

  it("are per second of what of a step lies within the range, null where nothing is told", () => {
    const courses = coursesOf(total, { from: 10_000, until: 80_000 }, 80_000);
    expect(courses.rate).toEqual([1, 0, 2, 0.25]);
    expect(courses.failed).toEqual([0.1, null, 0.25, 0]);
    expect(courses.p99).toEqual([0.1, null, 0.2, 0.3]);
  });

  it("end where counts are still to come", () => {
    const courses = coursesOf(total, { from: 0, until: 80_000 }, 68_000);
    expect(courses.rate).toEqual([0.5, 0, 2, null]);
    expect(courses.failed[3]).toBeNull();
    expect(courses.p99[3]).toBeNull();
  });

  it("are empty when there are no requests", () => {
    expect(coursesOf(answer([]), { from: 0, until: 1 }, 1)).toEqual({ rate: [], failed: [], p99: [] });
  });

  it("begin with the first step that has any", () => {
    expect(firstCounted(answer([row({ counts: [0, 0, 3] })]))).toBe(40_000);
    expect(firstCounted(answer([row({ counts: [0] })]))).toBeNull();
    expect(firstCounted(answer([]))).toBeNull();
  });
});
