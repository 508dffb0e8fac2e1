import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolvePoint } from "../src/format/range";
import { formatSelector, OPS, parseSelector, profileMatchers, withEquals, type Matcher } from "../src/url/selector";
import { EDGE_KEYS } from "../src/model/edge-keys";
import { CALL_ROLES, MOST } from "../src/model/calls";
import { ENDPOINT_KEYS } from "../src/model/endpoints";
import type { Transform } from "../src/model/transform";
import { decodeState, encodeState, initialState, onPage, TIMELINES, type State } from "../src/url/state";

const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_.]{0,12}$/);
const matcher: fc.Arbitrary<Matcher> = fc.record({ label, op: fc.constantFrom(...OPS), value: fc.string({ unit: "binary" }) });
const text = fc.string({ unit: "binary" });
const point = fc.constantFrom(["now-1h", "now"], ["now-15m", "now-5m"], ["1700000000000", "1700000900000"], ["now-7d", "now"]);
const scope = fc.record({ matchers: fc.array(matcher, { maxLength: 4 }), range: point }).map(({ matchers, range }) => ({ matchers, from: range[0], until: range[1] }));
const path = fc.array(text.filter((t) => t !== ""), { maxLength: 5 });

const transforms: fc.Arbitrary<Transform[]> = fc.array(
  fc.oneof(
    fc.constant<Transform>({ what: "unnamed" }),
    fc.record({ what: fc.constantFrom("below" as const, "hide" as const, "drop" as const), name: text.filter((t) => t !== "") }),
  ),
  { maxLength: 4 },
);

const states: fc.Arbitrary<State> = fc.record({
  page: fc.constantFrom("explore" as const, "compare" as const, "endpoints" as const, "map" as const, "calls" as const),
  type: text,
  a: scope,
  b: scope,
  basis: fc.constantFrom("rate" as const, "share" as const),
  show: fc.constantFrom("all" as const, "a" as const, "b" as const, "changed" as const),
  by: fc.constantFrom("" as const, "a" as const, "b" as const, "rate" as const, "share" as const, "name" as const),
  timeline: fc.constantFrom(...TIMELINES),
  role: fc.constantFrom("server" as const, "client" as const),
  order: fc.constantFrom(...ENDPOINT_KEYS),
  traffic: fc.boolean(),
  threads: fc.boolean(),
  part: fc.option(
    fc.record({
      from: fc.integer({ min: 0, max: 1e12 }),
      until: fc.integer({ min: 1e12 + 1, max: 2e12 }),
      ids: fc.array(fc.integer({ min: 0, max: 1e14 }), { maxLength: 4 }),
      names: fc.array(text, { maxLength: 4 }),
      pod: text,
    }),
  ),
  pick: text,
  edgeOrder: fc.constantFrom(...EDGE_KEYS),
  calls: fc.record({
    end: fc.constantFrom("" as const, ...CALL_ROLES),
    protocol: text,
    method: text,
    route: text,
    status: text,
    peer: text,
    errors: fc.boolean(),
    slower: text,
    trace: text,
    first: fc.constantFrom("newest" as const, "slowest" as const),
    most: fc.integer({ min: 1, max: MOST }),
    span: text,
  }),
  fn: text,
  transforms,
  zoom: path,
  selected: path,
  lines: fc.boolean(),
  focus: path,
  search: text,
  panel: fc.constantFrom("top" as const, "tree" as const, "incomplete" as const, "none" as const),
  sort: fc.constantFrom("self" as const, "total" as const, "name" as const),
  ascending: fc.boolean(),
  filter: text,
  upward: fc.boolean(),
  live: fc.boolean(),
  open: fc.array(text, { maxLength: 3 }),
});

describe("the address", () => {
  it("restores every state", () => {
    fc.assert(
      fc.property(states, (state) => {
        const { b, basis, show, by, timeline, role, order, traffic, threads, part, pick, edgeOrder, calls } = initialState();
        const explore = { traffic, threads, part };
        const compare = { b, basis, show, by, timeline };
        const others = {
          explore: { ...compare, role, order, pick, edgeOrder, calls },
          compare: { role, order, ...explore, pick, edgeOrder, calls },
          endpoints: { ...compare, ...explore, pick, edgeOrder, calls },
          map: { ...compare, role, order, ...explore, calls },
          calls: { ...compare, role, order, ...explore, pick, edgeOrder },
        };
        expect(decodeState(encodeState(state))).toEqual({ state: { ...state, ...others[state.page] }, problems: [] });
      }),
    );
  });

  it("survives the browser's own reading of it", () => {
    fc.assert(
      fc.property(states, (state) => {
        const hash = new URL(`http://x/${encodeState(state)}`).hash;
        expect(encodeState(decodeState(hash).state)).toBe(encodeState(state));
      }),
    );
  });

  it("says the range even when nothing was chosen: the last 15 minutes", () => {
    expect(encodeState(initialState())).toBe("#/explore?v=1&from=now-15m&to=now");
    expect(initialState().live).toBe(true);
  });

  it("names a part of time and threads that it cannot read", () => {
    for (const query of ["part=5-3", "part=now-3", "part=3", "part=3-5&thread=x"]) {
      const { state, problems } = decodeState(`#/explore?v=1&${query}`);
      expect(state.part).toBeNull();
      expect(problems).toEqual(["part must be FROM-UNTIL in Unix milliseconds, thread the number of a thread"]);
    }
  });

  it("names a change of the picture that it cannot read", () => {
    const { state, problems } = decodeState("#/explore?v=1&f=hide%3Amalloc&f=shrink%3Ax");
    expect(state.transforms).toEqual([{ what: "hide", name: "malloc" }]);
    expect(problems).toEqual(["f is “shrink:x”, it must be unnamed, below:NAME, hide:NAME or drop:NAME"]);
  });

  it("yields a state whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (junk) => {
        for (const hash of [junk, `#/${junk}`, `#/explore?${junk}`, `#/compare?v=1&q=${junk}&from=${junk}`, `#/endpoints?v=1&role=${junk}&order=${junk}`, `#/calls?v=1&end=${junk}&most=${junk}&first=${junk}`]) {
          const { state } = decodeState(hash);
          expect(resolvePoint(state.a.from, 0)).not.toBeNull();
          expect(["explore", "compare", "endpoints", "calls"]).toContain(state.page);
        }
      }),
    );
  });

  it("of another page keeps labels, range and what is open, nothing else", () => {
    fc.assert(
      fc.property(states, (state) => {
        const { a, type, live, open } = state;
        expect(onPage("endpoints", state)).toEqual({ ...initialState(), page: "endpoints", a, type, live, open });
      }),
    );
  });

  it("says what it could not read and uses the rest", () => {
    const { state, problems } = decodeState("#/explore?v=1&q={broken&panel=sideways&find=gc&from=yesterday");
    expect(state.search).toBe("gc");
    expect(problems).toHaveLength(3);
    expect(problems.join()).toContain("panel is “sideways”, it must be one of top, tree, incomplete, none");
  });

  it("of another version is not misread", () => {
    const { state, problems } = decodeState("#/compare?v=2&find=gc");
    expect(state.search).toBe("");
    expect(problems[0]).toContain("version 2");
  });
});

describe("a selector", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(fc.array(matcher, { maxLength: 6 }), (matchers) => {
        expect(parseSelector(formatSelector(matchers))).toEqual(matchers);
      }),
    );
  });

  it.each(["", "x", "{", "{a}", '{a="b}', '{a="b" c="d"}', '{="b"}', '{a=="b"}'])("%s is none", (broken) => {
    expect(parseSelector(broken)).toBeNull();
  });

  it("takes spaces and an end comma", () => {
    expect(parseSelector(' { a = "b" , c !~ "d", } ')).toEqual([
      { label: "a", op: "=", value: "b" },
      { label: "c", op: "!~", value: "d" },
    ]);
  });

  it("leaves to profiles what they can have", () => {
    const matchers = parseSelector('{service_name="shop",http.route="/cart",scope="sdk",pod=~"a.*"}')!;
    expect(formatSelector(profileMatchers(matchers))).toBe('{service_name="shop",pod=~"a.*"}');
  });

  it("sets and frees a label", () => {
    const set = withEquals([{ label: "pod", op: "=~", value: "x.*" }], "pod", "y");
    expect(set).toEqual([{ label: "pod", op: "=", value: "y" }]);
    expect(withEquals(set, "pod", "")).toEqual([]);
  });
});
