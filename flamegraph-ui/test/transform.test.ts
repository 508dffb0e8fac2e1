import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeProfile } from "../src/model/decode";
import { formatTransform, parseTransform, transform, unnamedSelf, withTransform, type Transform } from "../src/model/transform";
import { FLAG_LOW_CONFIDENCE, isLowConfidence, labelOf, nameOf, pathOf } from "../src/model/tree";
import { answer, diffProfile, folded, profile, shapes, stacks } from "./trees";

describe("changes of the picture", () => {
  const tree = folded("main;work;malloc 10", "main;work 5", "main;free 3", "idle;work;malloc;brk 2");

  it("hide what a function calls: its callees count as its own", () => {
    expect(stacks(transform(tree, [{ what: "below", name: "work" }]).tree)).toEqual(["idle;work 2", "main;free 3", "main;work 15"]);
  });

  it("hide a function and keep what it calls", () => {
    expect(stacks(transform(tree, [{ what: "hide", name: "work" }]).tree)).toEqual(["idle;malloc;brk 2", "main 5", "main;free 3", "main;malloc 10"]);
  });

  it("leave out stacks with a function, and their value", () => {
    const { tree: left } = transform(tree, [{ what: "drop", name: "malloc" }]);
    expect(stacks(left)).toEqual(["main;free 3", "main;work 5"]);
    expect(left.total[0]).toBe(8);
  });

  it("join children that become siblings of one name", () => {
    const { tree: left } = transform(folded("a;x;c 1", "a;c 2"), [{ what: "hide", name: "x" }]);
    expect(stacks(left)).toEqual(["a;c 3"]);
    expect(left.size).toBe(3);
  });

  it("keep one node for a function, of low confidence when a part of it is", () => {
    const tree = folded("a;x;c 1", "a;c 2", "a;y 1");
    const low = { ...tree, flags: Uint8Array.from(tree.flags, (flags, n) => (pathOf(tree, n).join(";") === "a;x;c" ? flags | FLAG_LOW_CONFIDENCE : flags)) };
    const { tree: left } = transform(low, [{ what: "hide", name: "x" }]);
    expect(stacks(left)).toEqual(["a;c 3", "a;y 1"]);
    const marked = [...left.flags.keys()].filter((n) => isLowConfidence(left, n)).map((n) => labelOf(left, n));
    expect(marked).toEqual(["c [fp]"]);
  });

  it("fold runs without a name by executable, not beyond a frame that has one", () => {
    const stripped = folded("lib+0x10;lib+0x20;named;lib+0x30 4", "lib+0x11;lib+0x99 1", "lib+0x10;other+0x5 2", "[unmapped] 3");
    const { tree: left } = transform(stripped, [{ what: "unnamed" }]);
    expect(stacks(left)).toEqual([
      "[unmapped] · no symbols 3",
      "lib · no symbols 1",
      "lib · no symbols;named;lib · no symbols 4",
      "lib · no symbols;other · no symbols 2",
    ]);
  });

  it("say how much ends in frames without a name", () => {
    expect(unnamedSelf(folded("main;lib+0x10 4", "main 6", "[unmapped] 1"))).toBe(5);
  });

  it("know what to ask the service for, except where several of its nodes became one", () => {
    const stripped = folded("lib+0x10;work 1", "lib+0x20;work 1", "main;skip;work 2");
    const { tree: left, servicePath } = transform(stripped, [{ what: "unnamed" }, { what: "hide", name: "skip" }]);
    const at = (path: string) => Array.from({ length: left.size }, (_, n) => n).find((n) => pathOf(left, n).join(";") === path)!;
    expect(servicePath(at("main;work"))).toEqual(["main", "skip", "work"]);
    expect(servicePath(at("lib · no symbols;work"))).toBeNull();
  });

  it("mark inlined frames and keep their path", () => {
    const base = answer({ parents: [-1, 0], selves: [0, 1], names: [0, 0] });
    const { tree: one } = decodeProfile({ ...base, nodes: { ...(base.nodes as object), flags: [0, 1] } });
    expect(labelOf(one, 1)).toBe("main [i]");
    expect(pathOf(one, 1)).toEqual(["main"]);
  });

  const name = fc.constantFrom("main", "a/b/C.run", "std::sort", "work", "read", "write", "nowhere");
  const list: fc.Arbitrary<Transform[]> = fc.array(
    fc.oneof(fc.constant<Transform>({ what: "unnamed" }), fc.record({ what: fc.constantFrom("below" as const, "hide" as const, "drop" as const), name })),
    { maxLength: 4 },
  );

  it("never lose value but what is left out, on one side or on two", () => {
    fc.assert(
      fc.property(shapes(), list, (shape, changes) => {
        const whole = profile(shape).tree;
        const dropped = new Set(changes.flatMap((one) => (one.what === "drop" ? [one.name] : [])));
        const last = new Map(changes.flatMap((one) => (one.what === "unnamed" ? [] : [[one.name, one.what]])));
        let kept = whole.self[0];
        for (let n = 1; n < whole.size; n++) {
          // A stack is left out even where its function stands below one whose callees are hidden.
          if (!pathOf(whole, n).some((one) => dropped.has(one) && last.get(one) === "drop")) kept += whole.self[n];
        }
        const { tree: left } = transform(whole, changes);
        expect(left.total[0]).toBe(kept);
        for (let n = 1; n < left.size; n++) expect(left.parent[n]).toBeLessThan(n);
        const both = transform(diffProfile(shape, shape.selves.map((self) => self * 2)).tree, changes).tree;
        expect(both.sides!.totalA[0]).toBe(kept);
        expect(both.sides!.totalB[0]).toBe(kept * 2);
      }),
    );
  });

  it("leave no hidden function and no callee of one that is cut", () => {
    fc.assert(
      fc.property(shapes(), name, (shape, one) => {
        const whole = profile(shape).tree;
        const hidden = transform(whole, [{ what: "hide", name: one }]).tree;
        for (let n = 1; n < hidden.size; n++) expect(nameOf(hidden, n)).not.toBe(one);
        const cut = transform(whole, [{ what: "below", name: one }]).tree;
        for (let n = 1; n < cut.size; n++) if (cut.parent[n] > 0) expect(nameOf(cut, cut.parent[n])).not.toBe(one);
      }),
    );
  });

  it("are written as words and read again", () => {
    fc.assert(
      fc.property(list, (changes) => {
        expect(changes.map((one) => parseTransform(formatTransform(one)))).toEqual(changes);
      }),
    );
    expect(parseTransform("hide:")).toBeNull();
    expect(parseTransform("shrink:x")).toBeNull();
  });

  it("count once for each function", () => {
    const once = withTransform([{ what: "hide", name: "x" }, { what: "unnamed" }], { what: "drop", name: "x" });
    expect(once).toEqual([{ what: "unnamed" }, { what: "drop", name: "x" }]);
  });
});
