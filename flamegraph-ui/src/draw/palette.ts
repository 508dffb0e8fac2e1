import { STEPS } from "../diff/diff";

/** A colour as 0xRRGGBB. */
export type Colour = number;

export type ThemeName = "light" | "dark";

/** What the canvas is painted with; the page around it has its colours from theme.css. */
export interface Palette {
  background: Colour;
  text: Colour;
  faintText: Colour;
  root: Colour;
  other: Colour;
  /** Frames without a name. */
  unnamed: Colour;
  stripe: Colour;
  match: Colour;
  same: Colour;
  less: Colour;
  more: Colour;
  /** Hue, saturation and lightness of each kind of code. */
  kinds: Record<string, [number, number, number]>;
}

/** Kinds in the order of the legend, with the words that people know them by. */
export const KIND_NAMES: [string, string][] = [
  ["kernel", "kernel"],
  ["native", "native"],
  ["rust", "Rust"],
  ["go", "Go"],
  ["jvm", "JVM"],
  ["cpython", "Python"],
  ["v8js", "Node.js"],
  ["dotnet", ".NET"],
  ["error", "incomplete"],
];

const LIGHT: Palette = {
  background: 0xffffff,
  text: 0x1b1e24,
  faintText: 0x70757f,
  root: 0xe4e7ec,
  other: 0xeceef1,
  unnamed: 0xdcdfe4,
  stripe: 0xd3d7de,
  match: 0xd58cf5,
  same: 0xdfe2e7,
  less: 0x5f9fe3,
  more: 0xf2923a,
  kinds: {
    kernel: [29, 88, 74],
    native: [6, 66, 79],
    rust: [328, 45, 80],
    go: [190, 48, 74],
    jvm: [128, 36, 74],
    cpython: [216, 62, 80],
    v8js: [52, 68, 71],
    dotnet: [262, 48, 82],
    error: [50, 28, 80],
    "": [220, 10, 84],
  },
};

const DARK: Palette = {
  background: 0x15171b,
  text: 0xf2f3f5,
  faintText: 0x9298a3,
  root: 0x33373f,
  other: 0x292c33,
  unnamed: 0x41454e,
  stripe: 0x3d424c,
  match: 0x9b46c4,
  same: 0x3a3e47,
  less: 0x2c6cb4,
  more: 0xa35714,
  kinds: {
    kernel: [28, 58, 34],
    native: [4, 38, 41],
    rust: [330, 32, 41],
    go: [192, 42, 31],
    jvm: [134, 27, 33],
    cpython: [215, 40, 41],
    v8js: [48, 48, 29],
    dotnet: [264, 30, 43],
    error: [48, 18, 27],
    "": [220, 8, 34],
  },
};

export const PALETTES: Record<ThemeName, Palette> = { light: LIGHT, dark: DARK };

/** Shades of one kind, so that neighbours from different packages are told apart. */
const SHADES: [number, number][] = [
  [0, 0],
  [3, -3.5],
  [-3, 3],
  [5, -6],
];

/** Colour of a frame: hue by kind, shade by package, the same in every view and after every reload. */
export function kindColour(palette: Palette, kind: string, name: string, mapping: string): Colour {
  const [h, s, l] = palette.kinds[kind] ?? palette.kinds[""];
  const [turn, lift] = SHADES[hash(packageOf(name, kind) || mapping) % SHADES.length];
  return hsl(h + turn, s, l + lift);
}

/** The middle shade of a kind, for the legend. */
export function legendColour(palette: Palette, kind: string): Colour {
  const [h, s, l] = palette.kinds[kind] ?? palette.kinds[""];
  return hsl(h, s, l);
}

/** Colour of a change: blue is less in B, orange is more in B, grey is not told from noise. */
export function changeColour(palette: Palette, step: number): Colour {
  if (step === 0) return palette.same;
  const strength = 0.25 + (0.75 * Math.abs(step)) / STEPS;
  return mix(palette.same, step < 0 ? palette.less : palette.more, strength);
}

/** The part of a name that neighbours of one package share. */
function packageOf(name: string, kind: string): string {
  if (kind === "kernel") return "";
  const bare = name.replace(/[(<].*$/s, "");
  const cut = Math.max(bare.lastIndexOf("/"), bare.lastIndexOf("::"));
  if (cut > 0) return bare.slice(0, cut);
  const dot = bare.lastIndexOf(".");
  return dot > 0 ? bare.slice(0, dot) : "";
}

/** FNV-1a, 32 bits. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

export function mix(a: Colour, b: Colour, share: number): Colour {
  const channel = (shift: number) => {
    const from = (a >> shift) & 0xff;
    return Math.round(from + (((b >> shift) & 0xff) - from) * share) << shift;
  };
  return channel(16) | channel(8) | channel(0);
}

/** Degrees and percents to a colour. */
export function hsl(h: number, s: number, l: number): Colour {
  const a = (s / 100) * Math.min(l / 100, 1 - l / 100);
  const channel = (n: number) => {
    const k = (n + ((h % 360) + 360) / 30) % 12;
    return Math.round(255 * (l / 100 - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return (channel(0) << 16) | (channel(8) << 8) | channel(4);
}

/** An inlined frame is paler than the function that it was inlined into would be. */
export function inlinedColour(palette: Palette, colour: Colour): Colour {
  return mix(colour, palette.background, 0.38);
}

export function css(colour: Colour): string {
  return `#${colour.toString(16).padStart(6, "0")}`;
}
