import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barName, fitLabel, shorterForms } from "../src/draw/label";
import { frameColour, paint, type Scene } from "../src/draw/paint";
import { changeColour, css, hsl, kindColour, KIND_NAMES, PALETTES } from "../src/draw/palette";
import { RecordingSurface } from "../src/draw/surface";
import { cull, Spans } from "../src/layout/cull";
import { layOut } from "../src/layout/layout";
import { patternOf, search } from "../src/search/search";
import { profile, shapes } from "./trees";

const palette = PALETTES.light;

function scene(parents: number[], selves: number[], change: Partial<Scene> = {}): Scene {
  const { tree } = profile({ parents, selves, names: parents.map((_, i) => i % 6) });
  const layout = layOut(tree);
  const spans = new Spans();
  cull(layout, { x0: 0, x1: 1, width: 800, firstLevel: 0, lastLevel: 99 }, spans);
  return {
    layout,
    spans,
    width: 800,
    height: 400,
    rowHeight: 20,
    scroll: 0,
    upward: false,
    scale: 1,
    palette,
    look: (node) => ({ colour: 0x1000 + node, striped: node === 3, edged: false, label: `frame ${node}`, faint: false, suffix: "" }),
    matches: null,
    zoomLevel: 0,
    ...change,
  };
}

describe("painting", () => {
  it("draws each frame once, at its share, on the row of its level", () => {
    const surface = new RecordingSurface();
    paint(surface, scene([-1, 0, 0, 1], [0, 25, 50, 25]));
    expect(surface.calls.filter((call) => call.call === "span")).toEqual([
      { call: "span", x0: 0, x1: 799, y: 0, height: 19, colour: 0x1000 },
      { call: "span", x0: 0, x1: 399, y: 20, height: 19, colour: 0x1001 },
      { call: "span", x0: 400, x1: 799, y: 20, height: 19, colour: 0x1002 },
      { call: "span", x0: 0, x1: 199, y: 40, height: 19, colour: 0x1003 },
    ]);
    expect(surface.calls.filter((call) => call.call === "stripes")).toEqual([{ call: "stripes", x0: 0, x1: 199, y: 40, height: 19, colour: palette.stripe }]);
    expect(surface.calls.filter((call) => call.call === "text").map((call) => call.call === "text" && call.text)).toEqual(["frame 0", "frame 1", "frame 2", "frame 3"]);
  });

  it("hatches the edge of low confidence on the side of the caller", () => {
    for (const [upward, y] of [
      [false, 20],
      [true, 16],
    ] as const) {
      const surface = new RecordingSurface();
      const made = scene([-1, 0], [0, 10], { upward });
      paint(surface, { ...made, look: (node) => ({ ...made.look(node), edged: node === 1 }) });
      expect(surface.calls.filter((call) => call.call === "stripes")).toEqual([{ call: "stripes", x0: 0, x1: 799, y, height: 3, colour: palette.faintText }]);
    }
  });

  it("turns round with the root at the bottom", () => {
    const surface = new RecordingSurface();
    paint(surface, scene([-1, 0], [0, 10], { upward: true }));
    expect(surface.calls.filter((call) => call.call === "span").map((call) => call.y)).toEqual([20, 0]);
  });

  it("shows matches in one colour and lets the rest fade", () => {
    const base = scene([-1, 0, 0], [0, 10, 10]);
    const matches = Uint8Array.of(0, 1, 0);
    expect(frameColour({ ...base, matches }, 1, 1)).toBe(palette.match);
    expect(frameColour({ ...base, matches }, 2, 1)).not.toBe(0x1002);
  });

  it("never writes a label beyond its frame", () => {
    fc.assert(
      fc.property(shapes(120), (shape) => {
        const surface = new RecordingSurface(7);
        const made = scene(shape.parents, shape.selves);
        paint(surface, made);
        for (const call of surface.calls) {
          if (call.call !== "text") continue;
          const span = surface.calls.find((one) => one.call === "span" && one.y + 14 === call.y && one.x0 <= call.x && call.x < one.x1);
          expect(span && span.call === "span" && call.x + surface.measure(call.text) <= span.x1 + 4).toBe(true);
        }
      }),
    );
  });
});

describe("labels", () => {
  const letters = (text: string) => text.length;

  it("lose arguments and packages before they are cut", () => {
    expect(fitLabel("com.shop.json.Json.parse", 24, letters)).toBe("com.shop.json.Json.parse");
    expect(fitLabel("com.shop.json.Json.parse", 12, letters)).toBe("Json.parse");
    expect(fitLabel("com.shop.json.Json.parse", 5, letters)).toBe("parse");
    expect(fitLabel("com.shop.json.Json.parse", 4, letters)).toBe("par…");
    expect(fitLabel("ns::Set<a::B>::add(int, char)", 20, letters)).toBe("ns::Set<a::B>::add");
    expect(fitLabel("ns::Set<a::B>::add(int, char)", 6, letters)).toBe("add");
    expect(fitLabel("tcp_sendmsg [k]", 15, letters)).toBe("tcp_sendmsg [k]");
    expect(fitLabel("x", 0, letters)).toBe("");
  });

  it("keep operators and never grow", () => {
    expect(shorterForms("std::function<void ()>::operator()() const")[0]).toBe("std::function<void ()>::operator()");
    fc.assert(
      fc.property(fc.string(), fc.nat(40), (label, room) => {
        expect(fitLabel(label, room, letters).length).toBeLessThanOrEqual(room);
      }),
    );
  });
});

describe("colours", () => {
  it("are the same for a function wherever it stands, and lie within the family of its kind", () => {
    for (const [kind] of KIND_NAMES) {
      expect(kindColour(palette, kind, "a/b/C.d", "")).toBe(kindColour(palette, kind, "a/b/C.e", ""));
    }
    expect(css(hsl(0, 100, 50))).toBe("#ff0000");
    expect(css(hsl(240, 100, 50))).toBe("#0000ff");
  });

  it("leave text readable on every frame in both themes", () => {
    for (const theme of Object.values(PALETTES)) {
      const grounds = KIND_NAMES.flatMap(([kind]) => ["a", "b/c", "d::e", "f.g", "h/i/j"].map((name) => kindColour(theme, kind, `${name}/x`, name)));
      for (let step = -5; step <= 5; step++) grounds.push(changeColour(theme, step));
      for (const ground of [...grounds, theme.match, theme.root]) {
        expect(contrast(ground, theme.text), css(ground)).toBeGreaterThan(4.5);
      }
    }
  });

  it("of more and less differ for those who do not see red and green apart", () => {
    for (const theme of Object.values(PALETTES)) {
      expect((theme.more & 0xff) + 60).toBeLessThan(theme.less & 0xff);
    }
  });
});

describe("search", () => {
  it("counts nested matches once", () => {
    const { tree } = profile({ parents: [-1, 0, 1, 0], selves: [0, 10, 20, 70], names: [0, 3, 3, 4] });
    const matches = search(layOut(tree), tree.total, patternOf("work")!);
    expect(matches.value).toBe(30);
    expect([...matches.list]).toEqual([1, 2]);
  });

  it("finds Java names as they are shown and as they are stored", () => {
    const { tree } = profile({ parents: [-1, 0], selves: [0, 1], names: [0, 1] });
    const jvm = { ...tree, kinds: ["jvm"] };
    expect(search(layOut(jvm), tree.total, patternOf("a\\.b\\.C")!).list).toHaveLength(1);
    expect(search(layOut(jvm), tree.total, patternOf("a/b/C")!).list).toHaveLength(1);
  });

  it("takes a broken expression as text", () => {
    const pattern = patternOf("operator(");
    expect(pattern?.regex).toBe(false);
    expect(pattern?.test("Foo::operator()()")).toBe(true);
    expect(patternOf("  ")).toBeNull();
  });
});

/** Contrast by WCAG 2. */
function contrast(a: number, b: number): number {
  const light = (colour: number) =>
    [16, 8, 0]
      .map((shift) => ((colour >> shift) & 0xff) / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const [x, y] = [light(a), light(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

describe("names of bars", () => {
  it.each([
    ["std::vector<int, std::allocator<int> >::push_back(int const&)", "std::vector<…>::push_back"],
    ["std::map<std::string, int>::find(std::string const&) const", "std::map<…>::find"],
    ["foo<int>(int)", "foo<int>"],
    ["void std::__introsort_loop<__gnu_cxx::__normal_iterator<int*> >(int*, long)", "std::__introsort_loop<…>"],
    ["std::pair<int, bool> ns::(anonymous namespace)::find<long_type>(int)", "ns::(anonymous namespace)::find<…>"],
    ["A::operator bool() const", "A::operator bool"],
    ["operator<<(std::ostream&, int)", "operator<<"],
    ["ns::Thing::operator()(int) const", "ns::Thing::operator()"],
    ["A::operator->() const", "A::operator->"],
    ["std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::_M_append(char const*, unsigned long)", "std::__cxx11::basic_string<…>::_M_append"],
    ["get[abi:cxx11](int)", "get"],
    ["work.part.0 [clone .isra.0]", "work.part.0"],
    ["<ring::aead::LessSafeKey as ring::Seal>::seal_in_place", "<ring::aead::LessSafeKey as ring::Seal>::seal_in_place"],
    ["alloc::vec::Vec<(alloc::string::String, u64)>::push", "alloc::vec::Vec<…>::push"],
    ["do_syscall_64 [k]", "do_syscall_64 [k]"],
    ["sort<long_type_name>(int) [i]", "sort<…> [i]"],
    ["com.shop.json.Json.parse", "com.shop.json.Json.parse"],
    ["net/http.(*conn).serve", "net/http.(*conn).serve"],
    ["[no frame pointer]", "[no frame pointer]"],
    ["libc.so.6+0x891f4", "libc.so.6+0x891f4"],
    ["libc.so.6 · no symbols", "libc.so.6 · no symbols"],
    ["a<b", "a<b"],
  ])("%s is %s", (long, short) => {
    expect(barName(long)).toBe(short);
  });

  it("keep the file of an address, however narrow", () => {
    expect(fitLabel("libc.so.6+0x891f4", 10, (text) => text.length)).toBe("libc.so.6…");
  });

  it("are never longer, and end whatever comes", () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."abc:<>()[]-~ operator".split("")), maxLength: 60 }), (name) => {
      expect(barName(name).length).toBeLessThanOrEqual(name.length);
    }));
  });
});
