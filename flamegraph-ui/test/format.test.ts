import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeRange, parseRange, resolve, shift } from "../src/format/range";
import { amount, bytes, compact, completeShare, count, duration, factor, measureOf, percent, rate, signed, span } from "../src/format/units";

const cpu = measureOf("process_cpu:cpu:nanoseconds:cpu:nanoseconds", "nanoseconds");

describe("units", () => {
  it.each([
    [0, "0"],
    [0.00001, "<0.0001"],
    [0.0123, "0.012"],
    [1.234, "1.23"],
    [56.78, "56.8"],
    [1234.5, "1235"],
  ])("%d is %s", (value, expected) => expect(compact(value)).toBe(expected));

  it("keep their names", () => {
    expect(duration(1.5e9)).toBe("1.50 s");
    expect(duration(12e6)).toBe("12.0 ms");
    expect(duration(90e9)).toBe("90.0 s");
    expect(bytes(3.5 * 1024 ** 2)).toBe("3.50 MiB");
    expect(rate(1.94e9, cpu)).toBe("1.94 cores");
    expect(rate(2e9, measureOf("mutex:delay:nanoseconds:mutex:count", "nanoseconds"))).toBe("2.00 s/s");
    expect(rate(2048, measureOf("memory:alloc:bytes:space:bytes", "bytes"))).toBe("2.00 KiB/s");
    expect(amount(12_410, measureOf("goroutine:g:count:g:count", "count"))).toBe("12\u202f410");
    expect(count(2_500_000)).toBe("2.50 M");
  });

  it("say 100% of nothing but all", () => {
    expect(completeShare(1000, 0)).toBe("100%");
    expect(completeShare(0, 0)).toBe("–");
    expect(completeShare(1000, 14)).toBe("98.6%");
    expect(completeShare(100_000, 14)).toBe("99.98%");
    expect(completeShare(1e6, 400)).toBe("99.96%");
    expect(completeShare(1e9, 1)).toBe("99.99%");
    expect(completeShare(10, 10)).toBe("0.0%");
    expect(completeShare(1000, 4, 40)).toBe("99%");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), fc.nat(200), (total, part, samples) => {
        const incomplete = part % (total + 1);
        const said = completeShare(total, incomplete, samples);
        expect(said === "100%").toBe(incomplete === 0);
        expect(Number.parseFloat(said)).toBeLessThanOrEqual(100 * (1 - incomplete / total) + 1e-9);
      }),
    );
  });

  it("give shares no decimals that few samples do not bear", () => {
    expect(percent(0.1234)).toBe("12.3%");
    expect(percent(0.1234, 49)).toBe("12%");
    expect(percent(0.1234, 50)).toBe("12.3%");
    expect(percent(0.00001)).toBe("<0.01%");
    expect(percent(Number.NaN)).toBe("–");
  });

  it("say more, less, new and gone", () => {
    expect(signed(2.2, compact)).toBe("+2.20");
    expect(signed(-0.15, compact)).toBe("−0.150");
    expect(factor(1.2, 3.4)).toBe("×2.83");
    expect(factor(0, 1)).toBe("new");
    expect(factor(1, 0)).toBe("gone");
  });

  it("tell lengths of time", () => {
    expect(span(40_000)).toBe("40 s");
    expect(span(3 * 3600_000)).toBe("3.00 h");
  });
});

describe("a range", () => {
  const now = Date.parse("2026-03-10T14:30:00");

  it.each([
    ["15m", { from: "now-15m", until: "now" }],
    ["last 6h", { from: "now-6h", until: "now" }],
    ["now-1h to now-30m", { from: "now-1h", until: "now-30m" }],
    ["14:05-14:20", { from: String(Date.parse("2026-03-10T14:05:00")), until: String(Date.parse("2026-03-10T14:20:00")) }],
    ["2026-03-01 to 2026-03-02", { from: String(Date.parse("2026-03-01T00:00")), until: String(Date.parse("2026-03-02T00:00")) }],
    ["2026-03-01T10:00Z to 2026-03-01T11:00Z", { from: String(Date.UTC(2026, 2, 1, 10)), until: String(Date.UTC(2026, 2, 1, 11)) }],
    ["1700000000 to 1700000900", { from: "1700000000000", until: "1700000900000" }],
  ])("is understood from %s", (text, expected) => expect(parseRange(text, now)).toEqual(expected));

  it.each(["", "soon", "now-30m to now-1h", "25:00-26:00", "15m to", "a to b to c"])("is none from “%s”, in words", (text) => {
    expect(typeof parseRange(text, now)).toBe("string");
  });

  it("never breaks, whatever is typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const range = parseRange(text, now);
        if (typeof range !== "string") expect(resolve(range, now).from).toBeLessThan(resolve(range, now).until);
      }),
    );
  });

  it("moves by what it is told", () => {
    const moved = resolve(shift({ from: "now-1h", until: "now" }, -3600e3, now), now);
    expect(moved).toEqual({ from: now - 7200e3, until: now - 3600e3 });
  });

  it("is described as people say it", () => {
    expect(describeRange({ from: "now-15m", until: "now" }, now)).toBe("last 15m");
    expect(describeRange({ from: String(now - 600e3), until: String(now) }, now)).toBe("14:20:00 – 14:30:00");
  });
});
