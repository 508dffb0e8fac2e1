import { changeStep, compare, type Basis, type Comparison } from "../diff/diff";
import { shownWidths, type Show } from "../diff/filter";
import { barName } from "../draw/label";
import type { Look } from "../draw/paint";
import { changeColour, inlinedColour, kindColour, mix, type Palette } from "../draw/palette";
import { amount, factor, measureOf, percent, rate, rateNumber, signed, type Measure } from "../format/units";
import { layOut, type Layout } from "../layout/layout";
import type { DiffProfile, Profile } from "../model/decode";
import { reasonOf } from "../model/reasons";
import { transform, type Transform } from "../model/transform";
import { FLAG_FOLDED, isInlined, isLowConfidence, isOther, isUnnamed, kindOf, labelOf, LOW_CONFIDENCE, nameOf, type FrameTree } from "../model/tree";

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
  /** All that is known of a frame; with its share of the frame that is zoomed into. */
  facts: (node: number, zoom: number) => Fact[];
  /** The columns of the tree beside the picture. */
  columns: [string, string];
  cells: (node: number) => [string, string];
  /** Path of a frame as the service knows it, or null. */
  servicePath: (node: number) => string[] | null;
  /** The same numbers for another tree of the same profile: callers, callees. */
  part: (tree: FrameTree) => FlameSource;
}

/** @param profile whose `seconds` is the time that values per second are told by */
export function profileSource(profile: Profile, transforms: readonly Transform[]): FlameSource {
  const { tree, servicePath } = transform(profile.tree, transforms);
  return sourceOf(profile, tree, tree.total[0], servicePath);
}

function sourceOf(profile: Profile, tree: FrameTree, whole: number, servicePath: FlameSource["servicePath"]): FlameSource {
  const { samples, seconds } = profile;
  const measure = measureOf(profile.type, profile.unit);
  const share = (value: number) => percent(whole > 0 ? value / whole : 0, samples);
  const numbers = (value: number) => `${share(value)} · ${amount(value, measure)} · ${rate(seconds > 0 ? value / seconds : 0, measure)}`;
  return {
    tree,
    layout: layOut(tree),
    width: tree.total,
    looks: (palette) =>
      remembered(tree.size, (node) => ({
        colour: frameFill(palette, tree, node),
        striped: isOther(tree, node) || kindOf(tree, node) === "error",
        edged: isLowConfidence(tree, node),
        label: barName(labelOf(tree, node)),
        faint: isUnnamed(tree, node),
        suffix: "",
      })),
    line: (node) =>
      `total ${share(tree.total[node])} ${amount(tree.total[node], measure)} · self ${share(tree.self[node])} ${amount(tree.self[node], measure)}`,
    facts: (node, zoom) => [
      ["self", numbers(tree.self[node])],
      ["total", numbers(tree.total[node])],
      ...(isBelow(tree, node, zoom) && tree.total[zoom] > 0
        ? ([["of zoomed", `${percent(tree.total[node] / tree.total[zoom], samples)} of ${labelOf(tree, zoom)}`]] as Fact[])
        : []),
      ...placeFacts(tree, node),
    ],
    columns: ["self", "total"],
    cells: (node) => [share(tree.self[node]), share(tree.total[node])],
    servicePath,
    part: (other) => sourceOf(profile, other, whole, () => null),
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

/** Both sides on one basis, transformed, with what of them is shown. */
export function diffSource(diff: DiffProfile, basis: Basis, transforms: readonly Transform[], show: Show): FlameSource & { comparison: Comparison } {
  const { tree, servicePath } = transform(diff.tree, transforms);
  return diffSourceOf({ ...diff, tree }, basis, show, servicePath);
}

function diffSourceOf(diff: DiffProfile, basis: Basis, show: Show, servicePath: FlameSource["servicePath"]): FlameSource & { comparison: Comparison } {
  const comparison = compare(diff, basis);
  const { tree, a, b, selfA, selfB } = comparison;
  const width = shownWidths(comparison, show);
  const format = basisFormat(diff, comparison);
  const unit = basisUnit(diff, comparison);
  const delta = (from: number, to: number) => {
    const times = factor(from, to);
    return `${format(from)} → ${format(to)}${unit} (${signed(to - from, format)}${times === "" ? "" : `, ${times}`})`;
  };
  const gone = (node: number) => a[node] > 0 && b[node] === 0;
  return {
    comparison,
    tree,
    layout: layOut(tree, width),
    width,
    looks: (palette) =>
      remembered(tree.size, (node) => {
        const step = node === 0 ? 0 : changeStep(comparison, node);
        return {
          colour: changeColour(palette, step),
          striped: isOther(tree, node) || (step !== 0 && gone(node)),
          edged: isLowConfidence(tree, node),
          label: barName(labelOf(tree, node)),
          faint: step === 0 && isUnnamed(tree, node),
          suffix: changeSuffix(step, a[node], b[node]),
        };
      }),
    line: (node) => `total A→B ${delta(a[node], b[node])} · self ${delta(selfA[node], selfB[node])}`,
    facts: (node, zoom) => [
      ["self A → B", delta(selfA[node], selfB[node])],
      ["total A → B", delta(a[node], b[node])],
      ...(isBelow(tree, node, zoom)
        ? ([["of zoomed", `${percent(a[zoom] > 0 ? a[node] / a[zoom] : 0)} → ${percent(b[zoom] > 0 ? b[node] / b[zoom] : 0)} of ${labelOf(tree, zoom)}`]] as Fact[])
        : []),
      ["change", changeStep(comparison, node) === 0 ? "not told from noise" : changeWord(a[node], b[node])],
      ...placeFacts(tree, node),
    ],
    columns: ["A → B", "change"],
    cells: (node) => [`${format(a[node])} → ${format(b[node])}`, signed(b[node] - a[node], format)],
    servicePath,
    part: (other) => diffSourceOf({ ...diff, tree: other }, basis, show === "changed" ? "all" : show, () => null),
  };
}

/** Whether a frame stands below another that is not the root. */
function isBelow(tree: FrameTree, node: number, zoom: number): boolean {
  let at = node;
  while (at > zoom) at = tree.parent[at];
  return zoom > 0 && node !== zoom && at === zoom;
}

function changeWord(a: number, b: number): string {
  if (a === 0) return "only in B, new";
  if (b === 0) return "only in A, gone";
  return b > a ? "more in B than in the baseline A" : "less in B than in the baseline A";
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
  if (kind === "error") {
    const { meaning, cure } = reasonOf(nameOf(tree, node));
    return [["incomplete", meaning], ...(cure ? ([["what helps", cure]] as Fact[]) : [])];
  }
  facts.push(["kind", (kind || "not known") + (isInlined(tree, node) ? ", inlined into its caller" : "")]);
  if (isLowConfidence(tree, node)) facts.push(["confidence", `low, ${LOW_CONFIDENCE}`]);
  const file = tree.files[tree.file[node]];
  const mapping = tree.mappings[tree.mapping[node]];
  const buildId = tree.buildIds[tree.mapping[node]];
  if (file) facts.push(["file", file]);
  if (mapping) facts.push(["binary", mapping]);
  if (buildId) facts.push(["build-id", buildId]);
  if (isUnnamed(tree, node)) facts.push(["name", unnamedWhy(tree, node, mapping)]);
  return facts;
}

/** Why a frame has only an address, and what would name it. */
function unnamedWhy(tree: FrameTree, node: number, mapping: string): string {
  if ((tree.flags[node] & FLAG_FOLDED) !== 0) return "neighbouring frames without a name, drawn as one";
  const name = nameOf(tree, node);
  if (name === "[unmapped]") return "the address lies in no mapping of the process";
  if (mapping === "[anon]" || name.startsWith("[anon]")) return "code outside of any file, as just-in-time compilers write it; no perf map names it";
  return "no symbol: the file is stripped; the number is the ELF address, as addr2line takes it. ./flarepath push-symbols with its debug file names it";
}

function frameFill(palette: Palette, tree: FrameTree, node: number): number {
  if (node === 0) return palette.root;
  if (isOther(tree, node)) return palette.other;
  const kind = kindOf(tree, node);
  const colour = kindColour(palette, kind, nameOf(tree, node), tree.mappings[tree.mapping[node]]);
  if (isUnnamed(tree, node)) return mix(colour, palette.unnamed, 0.82);
  return isInlined(tree, node) ? inlinedColour(palette, colour) : colour;
}

function remembered(size: number, look: (node: number) => Look): (node: number) => Look {
  const looks = new Array<Look | undefined>(size);
  return (node) => (looks[node] ??= look(node));
}
