import { type FrameTree, type TwoSides } from "./tree";

/** An answer of the service that breaks the description of its format; the message says where. */
export class DecodeError extends Error {
  override name = "DecodeError";
}

export interface ProfilerTotal {
  name: string;
  total: number;
  /** Samples behind the total; 0 when not known. */
  samples: number;
}

/** Stacks that could not be followed to their root, for one reason. */
export interface IncompletePart {
  /** Name of the error frame: `[no frame pointer]`. */
  reason: string;
  total: number;
}

/** Why there is nothing to draw, in the service's words. */
export interface Emptiness {
  reason: string;
  message: string;
}

/** A flame graph with what it was made of. */
export interface Profile {
  type: string;
  unit: string;
  fromMillis: number;
  untilMillis: number;
  total: number;
  /** Samples behind the total; 0 when not known. */
  samples: number;
  seconds: number;
  hiddenNodes: number;
  profiler: string;
  profilers: ProfilerTotal[];
  /** Value of the stacks that do not reach their root: total of the error frames. */
  incomplete: number;
  /** The same by reason, largest first; of the whole profile, even when the tree is a part of it. */
  incompleteReasons: IncompletePart[];
  empty: Emptiness | null;
  tree: FrameTree;
}

/** One side of a comparison. */
export interface DiffSide {
  total: number;
  samples: number;
  seconds: number;
  fromMillis: number;
  untilMillis: number;
  profiler: string;
  profilers: ProfilerTotal[];
  incomplete: number;
  incompleteReasons: IncompletePart[];
  empty: Emptiness | null;
}

export interface DiffProfile {
  type: string;
  unit: string;
  hiddenNodes: number;
  empty: Emptiness | null;
  a: DiffSide;
  b: DiffSide;
  tree: FrameTree;
}

/** More nodes than this are refused: no request of ours asks for so many. */
export const MAX_NODES = 2_000_000;
/** Rounding that sums of large values may show once they are doubles. */
const TOLERANCE = 1e-6;

type Json = Record<string, unknown>;

/** Reads an answer of /api/v1/flamegraph. */
export function decodeProfile(json: unknown): Profile {
  const answer = object(json, "answer");
  const nodes = object(answer.nodes, "nodes");
  const size = sizeOf(nodes);
  const parent = parents(nodes.parent, size);
  const self = values(nodes.self, "nodes.self", size);
  const total = values(nodes.total, "nodes.total", size);
  checkTotals(parent, self, total, "nodes.total");
  return {
    type: string(answer.type, "type"),
    unit: string(answer.unit, "unit"),
    fromMillis: finite(answer.fromMillis, "fromMillis"),
    untilMillis: finite(answer.untilMillis, "untilMillis"),
    total: amount(answer.total, "total"),
    samples: amount(answer.samples, "samples"),
    seconds: amount(answer.seconds, "seconds"),
    hiddenNodes: amount(answer.hiddenNodes, "hiddenNodes"),
    profiler: string(answer.profiler, "profiler"),
    profilers: profilerTotals(answer.profilers),
    incomplete: amount(answer.incomplete, "incomplete"),
    incompleteReasons: incompleteParts(answer.incompleteReasons, "incompleteReasons"),
    empty: emptiness(answer.empty),
    tree: frameTree(answer, nodes, parent, self, total, null),
  };
}

/** Reads an answer of /api/v1/diff. Widths (`self`, `total`) are left to the chosen basis. */
export function decodeDiff(json: unknown): DiffProfile {
  const answer = object(json, "answer");
  const nodes = object(answer.nodes, "nodes");
  const size = sizeOf(nodes);
  const parent = parents(nodes.parent, size);
  const sides: TwoSides = {
    selfA: values(nodes.selfA, "nodes.selfA", size),
    totalA: values(nodes.totalA, "nodes.totalA", size),
    selfB: values(nodes.selfB, "nodes.selfB", size),
    totalB: values(nodes.totalB, "nodes.totalB", size),
  };
  checkTotals(parent, sides.selfA, sides.totalA, "nodes.totalA");
  checkTotals(parent, sides.selfB, sides.totalB, "nodes.totalB");
  const zero = new Float64Array(size);
  return {
    type: string(answer.type, "type"),
    unit: string(answer.unit, "unit"),
    hiddenNodes: amount(answer.hiddenNodes, "hiddenNodes"),
    empty: emptiness(answer.empty),
    a: diffSide(answer.a, "a"),
    b: diffSide(answer.b, "b"),
    tree: frameTree(answer, nodes, parent, zero, zero, sides),
  };
}

function frameTree(
  answer: Json,
  nodes: Json,
  parent: Int32Array,
  self: Float64Array,
  total: Float64Array,
  sides: TwoSides | null,
): FrameTree {
  const size = parent.length;
  const names = strings(answer.names, "names");
  const files = strings(answer.files, "files");
  const mappings = strings(answer.mappings, "mappings");
  const buildIds = strings(sized(answer.buildIds, "buildIds", mappings.length, "mappings"), "buildIds");
  const kinds = strings(answer.kinds, "kinds");
  return {
    size,
    parent,
    depth: depths(parent),
    name: indices(nodes.name, "nodes.name", size, names.length),
    file: indices(nodes.file, "nodes.file", size, files.length),
    mapping: indices(nodes.mapping, "nodes.mapping", size, mappings.length),
    kind: indices(nodes.kind, "nodes.kind", size, kinds.length),
    flags: Uint8Array.from(indices(nodes.flags, "nodes.flags", size, 256)),
    self,
    total,
    names,
    files,
    mappings,
    buildIds,
    kinds,
    sides,
  };
}

function diffSide(json: unknown, at: string): DiffSide {
  const side = object(json, at);
  return {
    total: amount(side.total, `${at}.total`),
    samples: amount(side.samples, `${at}.samples`),
    seconds: amount(side.seconds, `${at}.seconds`),
    fromMillis: finite(side.fromMillis, `${at}.fromMillis`),
    untilMillis: finite(side.untilMillis, `${at}.untilMillis`),
    profiler: string(side.profiler, `${at}.profiler`),
    profilers: profilerTotals(side.profilers),
    incomplete: amount(side.incomplete, `${at}.incomplete`),
    incompleteReasons: incompleteParts(side.incompleteReasons, `${at}.incompleteReasons`),
    empty: emptiness(side.empty),
  };
}

function sizeOf(nodes: Json): number {
  const size = array(nodes.parent, "nodes.parent").length;
  if (size < 1) throw new DecodeError("nodes.parent is empty: node 0, the root, must be there");
  if (size > MAX_NODES) {
    throw new DecodeError(`nodes.parent has ${size} entries, at most ${MAX_NODES} are read: ask for fewer nodes`);
  }
  return size;
}

function parents(json: unknown, size: number): Int32Array {
  const column = array(json, "nodes.parent");
  const parent = new Int32Array(size);
  parent[0] = -1;
  if (column[0] !== -1) throw new DecodeError(`nodes.parent[0] is ${show(column[0])}, the root must have -1`);
  for (let n = 1; n < size; n++) {
    const value = column[n];
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= n) {
      throw new DecodeError(`nodes.parent[${n}] is ${show(value)}, a parent must stand before its child`);
    }
    parent[n] = value as number;
  }
  return parent;
}

function depths(parent: Int32Array): Int32Array {
  const depth = new Int32Array(parent.length);
  for (let n = 1; n < parent.length; n++) depth[n] = depth[parent[n]] + 1;
  return depth;
}

function indices(json: unknown, at: string, size: number, limit: number): Int32Array {
  const column = sized(json, at, size);
  const result = new Int32Array(size);
  for (let n = 0; n < size; n++) {
    const value = column[n];
    // The root has no frame: whatever it points to is never read.
    if (n === 0 && limit === 0) continue;
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= limit) {
      throw new DecodeError(`${at}[${n}] is ${show(value)}, it must be an integer from 0 to ${limit - 1}`);
    }
    result[n] = value as number;
  }
  return result;
}

function values(json: unknown, at: string, size: number): Float64Array {
  const column = sized(json, at, size);
  const result = new Float64Array(size);
  for (let n = 0; n < size; n++) result[n] = amount(column[n], `${at}[${n}]`);
  return result;
}

/** A node must hold its own value and those of its children, or frames would be drawn outside their caller. */
function checkTotals(parent: Int32Array, self: Float64Array, total: Float64Array, at: string): void {
  const inside = Float64Array.from(self);
  for (let n = 1; n < parent.length; n++) inside[parent[n]] += total[n];
  for (let n = 0; n < parent.length; n++) {
    if (inside[n] > total[n] * (1 + TOLERANCE)) {
      throw new DecodeError(`${at}[${n}] is ${total[n]}, less than its self value and children together: ${inside[n]}`);
    }
  }
}

function profilerTotals(json: unknown): ProfilerTotal[] {
  return array(json, "profilers").map((entry, i) => {
    const one = object(entry, `profilers[${i}]`);
    return {
      name: string(one.name, `profilers[${i}].name`),
      total: amount(one.total, `profilers[${i}].total`),
      samples: amount(one.samples, `profilers[${i}].samples`),
    };
  });
}

function incompleteParts(json: unknown, at: string): IncompletePart[] {
  return array(json, at).map((entry, i) => {
    const one = object(entry, `${at}[${i}]`);
    return {
      reason: string(one.reason, `${at}[${i}].reason`),
      total: amount(one.total, `${at}[${i}].total`),
    };
  });
}

function emptiness(json: unknown): Emptiness | null {
  if (json === null || json === undefined) return null;
  const empty = object(json, "empty");
  return { reason: string(empty.reason, "empty.reason"), message: string(empty.message, "empty.message") };
}

function object(json: unknown, at: string): Json {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new DecodeError(`${at} is ${show(json)}, it must be an object`);
  }
  return json as Json;
}

function array(json: unknown, at: string): unknown[] {
  if (!Array.isArray(json)) throw new DecodeError(`${at} is ${show(json)}, it must be an array`);
  return json;
}

function sized(json: unknown, at: string, size: number, beside = "nodes.parent"): unknown[] {
  const column = array(json, at);
  if (column.length !== size) {
    throw new DecodeError(`${at} has ${column.length} entries, ${beside} has ${size}: columns must be equally long`);
  }
  return column;
}

function strings(json: unknown, at: string): string[] {
  return array(json, at).map((entry, i) => string(entry, `${at}[${i}]`));
}

function string(json: unknown, at: string): string {
  if (typeof json !== "string") throw new DecodeError(`${at} is ${show(json)}, it must be a string`);
  return json;
}

function finite(json: unknown, at: string): number {
  if (typeof json !== "number" || !Number.isFinite(json)) {
    throw new DecodeError(`${at} is ${show(json)}, it must be a number`);
  }
  return json;
}

function amount(json: unknown, at: string): number {
  const value = finite(json, at);
  if (value < 0) throw new DecodeError(`${at} is ${value}, it must not be negative`);
  return value;
}

function show(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
