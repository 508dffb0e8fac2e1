import type { DiffProfile, DiffSide } from "../model/decode";
import { displayName, type FrameTree } from "../model/tree";
import { forEachFunction } from "../model/functions";

/**
 * What the two sides are compared by: `rate` is value per second of the range (CPU: cores), `share`
 * is the part of the side's own total. Rate shows what costs more; share takes out more traffic.
 */
export type Basis = "rate" | "share";

/** A comparison in one basis. Columns are per node; all values are in the basis. */
export interface Comparison {
  readonly basis: Basis;
  readonly tree: FrameTree;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly selfA: Float64Array;
  readonly selfB: Float64Array;
  /** max(a, b), or more where children of different sides need more room. */
  readonly width: Float64Array;
  /** Total of each side. */
  readonly wholeA: number;
  readonly wholeB: number;
  readonly noise: Noise;
}

/** A change below this share of the larger side is not told from noise, however many samples there are. */
export const LEAST_SHARE = 0.005;
/** A change must exceed so many standard deviations of the sample counts. */
export const DEVIATIONS = 3;

/** What one sample weighs on each side, in the basis; 0 when the number of samples is not known. */
export interface Noise {
  readonly sampleA: number;
  readonly sampleB: number;
  readonly least: number;
}

/** Puts both sides on one basis. A side without values counts as 0, never as NaN. */
export function compare(diff: DiffProfile, basis: Basis): Comparison {
  const sides = diff.tree.sides;
  if (!sides) throw new Error("a comparison needs the values of both sides");
  const scaleA = scaleOf(diff.a, basis);
  const scaleB = scaleOf(diff.b, basis);
  const a = scaled(sides.totalA, scaleA);
  const b = scaled(sides.totalB, scaleB);
  const wholeA = diff.a.total * scaleA;
  const wholeB = diff.b.total * scaleB;
  return {
    basis,
    tree: diff.tree,
    a,
    b,
    selfA: scaled(sides.selfA, scaleA),
    selfB: scaled(sides.selfB, scaleB),
    width: unionWidths(diff.tree.parent, a, b),
    wholeA,
    wholeB,
    noise: {
      sampleA: diff.a.samples > 0 ? wholeA / diff.a.samples : 0,
      sampleB: diff.b.samples > 0 ? wholeB / diff.b.samples : 0,
      least: LEAST_SHARE * Math.max(wholeA, wholeB),
    },
  };
}

function scaleOf(side: DiffSide, basis: Basis): number {
  const by = basis === "rate" ? side.seconds : side.total;
  return by > 0 ? 1 / by : 0;
}

function scaled(values: Float64Array, scale: number): Float64Array {
  return values.map((value) => value * scale);
}

/**
 * Width of each node: the larger side. Where a function left one child and came to another, the
 * larger sides of the children need more than that of their parent, which then grows.
 */
export function unionWidths(parent: Int32Array, a: Float64Array, b: Float64Array): Float64Array {
  const size = parent.length;
  const children = new Float64Array(size);
  const width = new Float64Array(size);
  for (let n = size - 1; n >= 0; n--) {
    width[n] = Math.max(a[n], b[n], children[n]);
    if (n > 0) children[parent[n]] += width[n];
  }
  return width;
}

/**
 * Whether a change from a to b can be told from chance: it must exceed half a percent of the larger
 * side and three standard deviations. Samples are counted, so their deviation is the square root
 * of their number, each weighing what a sample of its side weighs.
 */
export function isSignificant(noise: Noise, a: number, b: number): boolean {
  const variance = a * noise.sampleA + b * noise.sampleB;
  return Math.abs(b - a) > Math.max(noise.least, DEVIATIONS * Math.sqrt(variance));
}

/** Change relative to the larger side: -1 = gone, 0 = same, 1 = new. */
export function relativeChange(a: number, b: number): number {
  const larger = Math.max(a, b);
  return larger > 0 ? (b - a) / larger : 0;
}

/** Number of colour steps on each side of grey. */
export const STEPS = 5;

/** Colour step of a node: -STEPS (less in B) to STEPS (more in B), 0 when not significant. */
export function changeStep(comparison: Comparison, node: number): number {
  const a = comparison.a[node];
  const b = comparison.b[node];
  if (!isSignificant(comparison.noise, a, b)) return 0;
  const change = relativeChange(a, b);
  return Math.sign(change) * Math.max(1, Math.ceil(Math.abs(change) * STEPS));
}

/** One function on both sides, in the basis. */
export interface Change {
  name: string;
  label: string;
  kind: string;
  selfA: number;
  selfB: number;
  totalA: number;
  totalB: number;
  deltaSelf: number;
  deltaTotal: number;
  /** Whether the change of self, or of total, is told from noise. */
  significantSelf: boolean;
  significantTotal: boolean;
}

/** Changes by function, the largest change of self first. Recursion counts once. */
export function changes(comparison: Comparison): Change[] {
  const { tree, selfA, selfB, a, b, noise } = comparison;
  const rows = new Map<string, Change>();
  forEachFunction(tree, (node, key, outermost) => {
    let row = rows.get(key);
    if (!row) {
      row = emptyChange(tree.names[tree.name[node]], tree.kinds[tree.kind[node]]);
      rows.set(key, row);
    }
    row.selfA += selfA[node];
    row.selfB += selfB[node];
    if (outermost) {
      row.totalA += a[node];
      row.totalB += b[node];
    }
  });
  for (const row of rows.values()) {
    row.deltaSelf = row.selfB - row.selfA;
    row.deltaTotal = row.totalB - row.totalA;
    row.significantSelf = isSignificant(noise, row.selfA, row.selfB);
    row.significantTotal = isSignificant(noise, row.totalA, row.totalB);
  }
  return [...rows.values()].sort(
    (x, y) => Math.abs(y.deltaSelf) - Math.abs(x.deltaSelf) || (x.label < y.label ? -1 : 1),
  );
}

function emptyChange(name: string, kind: string): Change {
  return {
    name,
    label: displayName(name, kind),
    kind,
    selfA: 0,
    selfB: 0,
    totalA: 0,
    totalB: 0,
    deltaSelf: 0,
    deltaTotal: 0,
    significantSelf: false,
    significantTotal: false,
  };
}
