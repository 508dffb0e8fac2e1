import type { Spans } from "../layout/cull";
import type { Layout } from "../layout/layout";
import { fitLabel } from "./label";
import { mix, type Colour, type Palette } from "./palette";
import type { Surface } from "./surface";

/** How one frame looks. */
export interface Look {
  colour: Colour;
  /** Stripes over it: cut away, incomplete, or gone. */
  striped: boolean;
  /** A hatched edge towards the caller, which may be missing: of low confidence. */
  edged: boolean;
  label: string;
  /** Whether the label steps back. */
  faint: boolean;
  /** Said after the label where there is room for both. */
  suffix: string;
}

/** Everything that a picture is made of. Lengths are device pixels. */
export interface Scene {
  layout: Layout;
  spans: Spans;
  width: number;
  height: number;
  rowHeight: number;
  /** Distance from the top of all rows to the top of the picture. */
  scroll: number;
  /** Root at the bottom. */
  upward: boolean;
  /** Ratio of device pixels to CSS pixels. */
  scale: number;
  palette: Palette;
  look: (node: number) => Look;
  /** Node → 1 when it matches the search; null without one. */
  matches: Uint8Array | null;
  /** Frames above this level are callers of the one that is zoomed into. */
  zoomLevel: number;
}

export interface Painted {
  rects: number;
  strips: number;
  labels: number;
}

/** Frames narrower than this, in CSS pixels, have no label. */
const LEAST_LABEL = 28;
const PADDING = 4;
/** Height of the hatched edge of a frame of low confidence, in CSS pixels. */
const EDGE = 3;

/** Top edge of a level in the picture. */
export function levelTop(scene: Pick<Scene, "layout" | "rowHeight" | "scroll" | "upward">, level: number): number {
  const row = scene.upward ? scene.layout.levels - 1 - level : level;
  return Math.round(row * scene.rowHeight - scene.scroll);
}

/** Colour of a frame with search and zoom applied; what a test may expect at its centre. */
export function frameColour(scene: Pick<Scene, "palette" | "look" | "matches" | "zoomLevel">, node: number, level: number): Colour {
  const { palette, matches } = scene;
  const colour = scene.look(node).colour;
  if (matches) return matches[node] === 1 ? palette.match : mix(colour, palette.background, 0.62);
  return level < scene.zoomLevel ? mix(colour, palette.background, 0.5) : colour;
}

/** Draws a scene: all rows, then stripes, then labels. */
export function paint(surface: Surface, scene: Scene): Painted {
  surface.begin(scene.width, scene.height, scene.palette.background);
  const painted = paintRows(surface, scene);
  paintStripes(surface, scene);
  surface.flush();
  return { ...painted, labels: paintLabels(surface, scene) };
}

function paintRows(surface: Surface, scene: Scene): { rects: number; strips: number } {
  const { spans, layout, palette } = scene;
  const gap = Math.max(1, Math.round(scene.scale));
  let level = -1;
  let strips = 0;
  for (let i = 0; i < spans.length; i++) {
    if (spans.level[i] !== level) {
      if (level >= 0) surface.endRow();
      level = spans.level[i];
      surface.row(levelTop(scene, level), Math.round(scene.rowHeight) - gap);
    }
    const x0 = Math.round(spans.x0[i]);
    const x1 = Math.round(spans.x1[i]);
    if (spans.count[i] > 1) {
      strips++;
      const colour = stripColour(scene, spans, i);
      surface.span(x0, Math.max(x1, x0 + 1), mix(colour, palette.background, 0.25));
    } else {
      // A gap between neighbours, as long as it leaves most of the frame.
      const end = x1 - x0 > 3 * gap ? x1 - gap : Math.max(x1, x0 + 1);
      surface.span(x0, end, frameColour(scene, layout.order[spans.position[i]], level));
    }
  }
  if (level >= 0) surface.endRow();
  return { rects: spans.length, strips };
}

/** A strip looks like its widest frame, or like a match when one of its frames is one. */
function stripColour(scene: Scene, spans: Spans, i: number): Colour {
  const { layout, matches } = scene;
  const node = layout.order[spans.widest[i]];
  if (matches) {
    const end = spans.position[i] + spans.count[i];
    for (let p = spans.position[i]; p < end; p++) {
      if (matches[layout.order[p]] === 1) return scene.palette.match;
    }
  }
  return frameColour(scene, node, spans.level[i]);
}

function paintStripes(surface: Surface, scene: Scene): void {
  const { spans, layout, palette } = scene;
  const gap = Math.max(1, Math.round(scene.scale));
  for (let i = 0; i < spans.length; i++) {
    if (spans.x1[i] - spans.x0[i] < 4 * scene.scale || spans.count[i] > 1) continue;
    const { striped, edged } = scene.look(layout.order[spans.position[i]]);
    if (!striped && !edged) continue;
    const y = levelTop(scene, spans.level[i]);
    const height = Math.round(scene.rowHeight) - gap;
    const edge = striped ? height : Math.min(height, Math.round(EDGE * scene.scale));
    // On the side of the caller, which may be missing.
    const top = scene.upward ? y + height - edge : y;
    surface.stripes(Math.round(spans.x0[i]), Math.round(spans.x1[i]) - gap, top, edge, striped ? palette.stripe : palette.faintText);
  }
}

function paintLabels(surface: Surface, scene: Scene): number {
  const { spans, layout, palette, scale } = scene;
  const least = LEAST_LABEL * scale;
  const padding = PADDING * scale;
  const measure = (text: string) => surface.measure(text);
  let labels = 0;
  for (let i = 0; i < spans.length; i++) {
    const width = spans.x1[i] - spans.x0[i];
    if (width < least || spans.count[i] > 1) continue;
    const node = layout.order[spans.position[i]];
    const look = scene.look(node);
    const text = withSuffix(look, width - 2 * padding, measure);
    if (text === "") continue;
    const baseline = levelTop(scene, spans.level[i]) + Math.round(scene.rowHeight * 0.69);
    const faint = look.faint || (scene.matches !== null && scene.matches[node] !== 1) || spans.level[i] < scene.zoomLevel;
    surface.text(text, Math.round(spans.x0[i] + padding), baseline, faint ? palette.faintText : palette.text);
    labels++;
  }
  return labels;
}

function withSuffix(look: Look, available: number, measure: (text: string) => number): string {
  if (look.suffix !== "") {
    const name = fitLabel(look.label, available - measure(look.suffix), measure);
    if (name !== "") return name + look.suffix;
  }
  return fitLabel(look.label, available, measure);
}
