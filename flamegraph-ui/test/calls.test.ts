import { describe, expect, it } from "vitest";
import { allCalls, fieldsOf, isNarrow, profileOf, SLOWER, subjectOf, TRACE, type Call } from "../src/model/calls";

const call = (change: Partial<Call> = {}): Call => ({
  startMicros: 1_700_000_000_123_456,
  durationNanos: 2_000_000_000,
  service: "shop",
  labels: { service_name: "shop", pod: "shop-1", namespace: "eu" },
  role: "server",
  protocol: "http",
  method: "GET",
  route: "/cart",
  status: "200",
  peer: "10.0.0.1",
  failed: false,
  message: "",
  name: "GET /cart",
  scope: "flarepath",
  traceId: "ab",
  spanId: "cd",
  parentSpanId: null,
  attributes: { "thread.name": "main" },
  ...change,
});

describe("a call", () => {
  it("leads to the profile of its pod, half a minute on either side", () => {
    const { matchers, from, until } = profileOf(call());
    expect(matchers.map(({ label, value }) => [label, value])).toEqual([["service_name", "shop"], ["namespace", "eu"], ["pod", "shop-1"]]);
    expect([from, until]).toEqual(["1699999970123", "1700000032124"]);
    expect(profileOf(call({ labels: { service_name: "shop" } })).matchers).toHaveLength(1);
  });

  it("is called by method and route, else by the name of its span", () => {
    expect(subjectOf(call())).toBe("GET /cart");
    expect(subjectOf(call({ method: "" }))).toBe("/cart");
    expect(subjectOf(call({ method: "", route: "", name: "work" }))).toBe("work");
  });

  it("tells all that is known, and nothing that is not", () => {
    const fields = fieldsOf(call());
    expect(fields).toContainEqual(["thread.name", "main"]);
    expect(fields).toContainEqual(["pod", "shop-1"]);
    expect(fields.map(([name]) => name)).not.toContain("parent span id");
    expect(fields.every(([, value]) => value !== "")).toBe(true);
  });
});

describe("filters of calls", () => {
  it("leave nothing out at first", () => {
    expect(isNarrow(allCalls())).toBe(false);
    expect(isNarrow({ ...allCalls(), first: "slowest", most: 900, span: "x" })).toBe(false);
    expect(isNarrow({ ...allCalls(), errors: true })).toBe(true);
    expect(isNarrow({ ...allCalls(), peer: "db" })).toBe(true);
  });

  it("take durations and ids that the service takes", () => {
    for (const good of ["250ms", "1.5s", "10us", "3m", "7ns"]) expect(good).toMatch(SLOWER);
    for (const bad of ["250", "ms", "-1s", "1h", ""]) expect(bad).not.toMatch(SLOWER);
    expect("0".repeat(16)).toMatch(TRACE);
    expect("0".repeat(32)).toMatch(TRACE);
    expect("0".repeat(20)).not.toMatch(TRACE);
  });
});
