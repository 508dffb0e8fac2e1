import { changeStep, type Comparison } from "../diff/diff";
import type { Look } from "../draw/paint";
import { changeColour, kindColour, type Palette } from "../draw/palette";
import { amount, factor, measureOf, percent, rate, rateNumber, signed, type Measure } from "../format/units";
import { layOut, type Layout } from "../layout/layout";
import type { DiffProfile, Profile } from "../model/decode";
import { isInlined, isOther, kindOf, labelOf, nameOf, type FrameTree } from "../model/tree";

/** A name and what is to be said about it. */
export type Fact = [string, string];

/** What the flame panel draws and tells, whether of one profile or of two. */
export interface FlameSource {
  tree: FrameTree;
  layout: Layout;
  width: Float64Array;
  looks: (palette: Palette) => (node: number) => Look;
  /** Numbers of a frame in one line. */
  line: (node: number) => string;
  /** All that is known of a frame. */
  facts: (node: number) => Fact[];
  /** The columns of the tree beside the picture. */
  columns: [string, string];
  cells: (node: number) => [string, string];
}

export function profileSource(profile: Profile): FlameSource {
  const { tree, samples, seconds } = profile;
  const measure = measureOf(profile.type, profile.unit);
  const whole = tree.total[0];
  const share = (value: number) => percent(whole > 0 ? value / whole : 0, samples);
  const perSecond = (value: number) => rate(seconds > 0 ? value / seconds : 0, measure);
  return {
    tree,
    layout: layOut(tree),
    width: tree.total,
    looks: (palette) =>
      remembered(tree.size, (node) => ({
        colour: frameFill(palette, tree, node),
        striped: isOther(tree, node) || kindOf(tree, node) === "error",
        label: labelOf(tree, node),
        suffix: "",
      })),
    line: (node) =>
      `total ${share(tree.total[node])} ${amount(tree.total[node], measure)} · self ${share(tree.self[node])} ${amount(tree.self[node], measure)}`,
    facts: (node) => [
      ["total", `${share(tree.total[node])} · ${amount(tree.total[node], measure)} · ${perSecond(tree.total[node])}`],
      ["self", `${share(tree.self[node])} · ${amount(tree.self[node], measure)} · ${perSecond(tree.self[node])}`],
      ...placeFacts(tree, node),
    ],
    columns: ["self", "total"],
    cells: (node) => [share(tree.self[node]), share(tree.total[node])],
  };
}

/** Formats a value of a comparison in its basis. */
export function basisFormat(diff: DiffProfile, comparison: Comparison): (value: number) => string {
  if (comparison.basis === "share") return (value) => percent(value, Math.min(diff.a.samples, diff.b.samples));
  const measure: Measure = measureOf(diff.type, diff.unit);
  return (value) => rateNumber(value, measure);
}

/** What the numbers of a basis are called. */
export function basisUnit(diff: DiffProfile, comparison: Comparison): string {
  if (comparison.basis === "share") return "";
  const measure = measureOf(diff.type, diff.unit);
  return measure.cpu ? " cores" : measure.unit === "nanoseconds" ? " s/s" : "/s";
}

export function diffSource(diff: DiffProfile, comparison: Comparison): FlameSource {
  const { tree, a, b, selfA, selfB } = comparison;
  const format = basisFormat(diff, comparison);
  const unit = basisUnit(diff, comparison);
  const delta = (from: number, to: number) => {
    const times = factor(from, to);
    return `${format(from)} → ${format(to)}${unit} (${signed(to - from, format)}${times === "" ? "" : `, ${times}`})`;
  };
  const gone = (node: number) => a[node] > 0 && b[node] === 0;
  return {
    tree,
    layout: layOut(tree, comparison.width),
    width: comparison.width,
    looks: (palette) =>
      remembered(tree.size, (node) => {
        const step = node === 0 ? 0 : changeStep(comparison, node);
        return {
          colour: changeColour(palette, step),
          striped: isOther(tree, node) || (step !== 0 && gone(node)),
          label: labelOf(tree, node),
          suffix: changeSuffix(step, a[node], b[node]),
        };
      }),
    line: (node) => `total ${delta(a[node], b[node])} · self ${delta(selfA[node], selfB[node])}`,
    facts: (node) => [
      ["total", delta(a[node], b[node])],
      ["self", delta(selfA[node], selfB[node])],
      ["change", changeStep(comparison, node) === 0 ? "not told from noise" : changeWord(a[node], b[node])],
      ...placeFacts(tree, node),
    ],
    columns: ["A → B", "change"],
    cells: (node) => [`${format(a[node])} → ${format(b[node])}`, signed(b[node] - a[node], format)],
  };
}

function changeWord(a: number, b: number): string {
  return b > a ? "more in B" : "less in B";
}

/** Sign and size of a change, so that colour is not the only thing that tells. */
function changeSuffix(step: number, a: number, b: number): string {
  if (step === 0) return "";
  if (a === 0) return "  +new";
  if (b === 0) return "  −gone";
  return `  ${signed((b - a) / a, (value) => percent(value))}`;
}

function placeFacts(tree: FrameTree, node: number): Fact[] {
  if (node === 0) return [];
  if (isOther(tree, node)) return [["what", "small frames that the service folded into one; zoom into its caller to load them"]];
  const kind = kindOf(tree, node);
  const facts: Fact[] = [];
  if (kind === "error") return [["what", "stacks that could not be followed to their root"]];
  facts.push(["kind", (kind || "not known") + (isInlined(tree, node) ? ", inlined" : "")]);
  const file = tree.files[tree.file[node]];
  const mapping = tree.mappings[tree.mapping[node]];
  if (file) facts.push(["file", file]);
  if (mapping) facts.push(["binary", mapping]);
  if (/\+0x[0-9a-f]+$/.test(nameOf(tree, node))) facts.push(["name", "no symbol: binary + ELF address"]);
  return facts;
}

function frameFill(palette: Palette, tree: FrameTree, node: number): number {
  if (node === 0) return palette.root;
  if (isOther(tree, node)) return palette.other;
  return kindColour(palette, kindOf(tree, node), nameOf(tree, node), tree.mappings[tree.mapping[node]]);
}

function remembered(size: number, look: (node: number) => Look): (node: number) => Look {
  const looks = new Array<Look | undefined>(size);
  return (node) => (looks[node] ??= look(node));
}
