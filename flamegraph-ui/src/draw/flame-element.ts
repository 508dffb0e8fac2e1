import { cull, Spans } from "../layout/cull";
import { hit, type Layout } from "../layout/layout";
import { findPath, nameOf, pathOf } from "../model/tree";
import type { Matches } from "../search/search";
import { frameColour, levelTop, paint, type Look, type Painted, type Scene } from "./paint";
import { css, type Palette } from "./palette";
import { CanvasSurface } from "./surface";

/** Height of a frame in CSS pixels. */
export const ROW = 20;
const FONT = "12px system-ui, sans-serif";
const ZOOM_MILLIS = 150;

/** What is drawn, besides where one looks. */
export interface FlameModel {
  layout: Layout;
  look: (node: number) => Look;
  palette: Palette;
  matches: Matches | null;
  upward: boolean;
  zoom: number;
  selected: number;
}

/** What lies under the pointer: a frame, or a strip of `count` frames of which `node` is the widest. */
export interface FrameHit {
  node: number;
  count: number;
  name: string;
  path: string[];
}

/** Where the pointer is, in pixels of the window. */
export interface Point {
  x: number;
  y: number;
}

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface FlameStats extends Painted {
  /** Time of the last painting on the main thread. */
  drawMs: number;
  /** Grows with every painting. */
  generation: number;
  levels: number;
  width: number;
  height: number;
  scale: number;
  moving: boolean;
}

/**
 * The flame graph. Its canvas is as large as the visible part, however deep the stacks are. The
 * methods frameAt, rectOf, colourOf and stats are public: tests and other tools stand on them.
 */
export class FlameElement extends HTMLElement {
  /** The pointer is over another frame, or over none. */
  onHover: (hit: FrameHit | null) => void = () => {};
  /** The pointer has moved; follows onHover. */
  onPoint: (at: Point) => void = () => {};
  /** A menu is asked for, by the right button or by a key. */
  onMenu: (node: number, at: Point) => void = () => {};
  /** A key has moved the selection, or the graph has got the focus by a key; null when it has lost it. */
  onFocusFrame: (node: number | null) => void = () => {};
  onSelect: (node: number) => void = () => {};
  onZoom: (node: number) => void = () => {};

  private readonly canvas = document.createElement("canvas");
  private readonly scroller = document.createElement("div");
  private readonly spacer = document.createElement("div");
  private readonly hoverBox = box("flame-hover");
  private readonly selectedBox = box("flame-selected");
  private readonly surface: CanvasSurface;
  private readonly spans = new Spans();
  private readonly resizes = new ResizeObserver(() => this.resize());
  private model: FlameModel | null = null;
  private view = { x0: 0, x1: 1 };
  private painted: Painted = { rects: 0, strips: 0, labels: 0 };
  private drawMs = 0;
  private generation = 0;
  private frame = 0;
  private animation: { from: { x0: number; x1: number }; start: number } | null = null;
  private hovered: FrameHit | null = null;
  private scale = 1;

  constructor() {
    super();
    const context = this.canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    if (!context) throw new Error("This browser gives no canvas to draw on");
    this.surface = new CanvasSurface(context);
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.className = "flame-canvas";
    this.scroller.className = "flame-scroller";
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "application");
    this.scroller.setAttribute("aria-roledescription", "flame graph");
    this.spacer.className = "flame-spacer";
    this.scroller.append(this.spacer);
    this.listen();
  }

  connectedCallback(): void {
    if (!this.canvas.isConnected) this.append(this.canvas, this.hoverBox, this.selectedBox, this.scroller);
    this.resizes.observe(this.scroller);
    this.resize();
  }

  disconnectedCallback(): void {
    this.resizes.disconnect();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  /** Shows a model. A changed zoom of the same layout moves there, unless motion is to be reduced. */
  show(model: FlameModel): void {
    const before = this.model;
    if (before && sameModel(before, model)) return;
    this.model = model;
    const sameLayout = before?.layout === model.layout;
    this.spacer.style.height = `${model.layout.levels * ROW}px`;
    if (!sameLayout || before.zoom !== model.zoom) this.moveTo(model.zoom, sameLayout);
    if (before && before.upward !== model.upward) this.scrollToZoom();
    if (sameLayout && before.selected !== model.selected) this.reveal(model.selected);
    if (!sameLayout) this.setHover(null);
    this.request();
  }

  /** Names what the graph shows, for screen readers. */
  describe(label: string): void {
    this.scroller.setAttribute("aria-label", label);
  }

  override focus(options?: FocusOptions): void {
    this.scroller.focus(options);
  }

  /** What is drawn at a point, in CSS pixels from the element's corner; null beside all frames. */
  frameAt(x: number, y: number): FrameHit | null {
    const model = this.model;
    if (!model || x < 0 || y < 0 || x >= this.scroller.clientWidth || y >= this.scroller.clientHeight) return null;
    const row = Math.floor((y + this.scroller.scrollTop) / ROW);
    const level = model.upward ? model.layout.levels - 1 - row : row;
    const strip = this.stripAt(x * this.scale, level);
    if (strip) return strip;
    const share = this.view.x0 + (x / this.scroller.clientWidth) * (this.view.x1 - this.view.x0);
    const position = hit(model.layout, level, share);
    return position < 0 ? null : this.hitOf(model.layout.order[position], 1);
  }

  /** Where a frame is drawn, in CSS pixels from the element's corner; null when it is not in view. */
  rectOf(path: string | readonly string[]): Rect | null {
    const node = this.nodeOf(path);
    return node < 0 ? null : this.rectOfNode(node);
  }

  /** The colour that a frame is meant to have, as #rrggbb; null when there is no such frame. */
  colourOf(path: string | readonly string[]): string | null {
    const node = this.nodeOf(path);
    const scene = this.scene();
    return node < 0 || !scene ? null : css(frameColour(scene, node, scene.layout.tree.depth[node]));
  }

  stats(): FlameStats {
    return {
      ...this.painted,
      drawMs: this.drawMs,
      generation: this.generation,
      levels: this.model?.layout.levels ?? 0,
      width: this.scroller.clientWidth,
      height: this.scroller.clientHeight,
      scale: this.scale,
      moving: this.animation !== null,
    };
  }

  private nodeOf(path: string | readonly string[]): number {
    if (!this.model) return -1;
    const names = typeof path === "string" ? path.split(";").filter((name) => name !== "") : path;
    const found = findPath(this.model.layout.tree, names);
    return found.exact ? found.node : -1;
  }

  private rectOfNode(node: number): Rect | null {
    const model = this.model!;
    const p = model.layout.position[node];
    const scale = this.scroller.clientWidth / (this.view.x1 - this.view.x0);
    const x0 = Math.max(0, (model.layout.left[p] - this.view.x0) * scale);
    const x1 = Math.min(this.scroller.clientWidth, (model.layout.right[p] - this.view.x0) * scale);
    const y = levelTop(this.geometry(model), model.layout.tree.depth[node]) / this.scale;
    if (x1 <= x0 || y + ROW <= 0 || y >= this.scroller.clientHeight) return null;
    return { x: x0, y, width: x1 - x0, height: ROW };
  }

  private stripAt(x: number, level: number): FrameHit | null {
    const { spans } = this;
    for (let i = 0; i < spans.length; i++) {
      if (spans.count[i] < 2 || spans.level[i] !== level) continue;
      if (x >= spans.x0[i] && x < Math.max(spans.x1[i], spans.x0[i] + 1)) {
        return this.hitOf(this.model!.layout.order[spans.widest[i]], spans.count[i]);
      }
    }
    return null;
  }

  private hitOf(node: number, count: number): FrameHit {
    const tree = this.model!.layout.tree;
    return { node, count, name: nameOf(tree, node), path: pathOf(tree, node) };
  }

  private listen(): void {
    const at = (event: MouseEvent) => {
      const rect = this.getBoundingClientRect();
      return this.frameAt(event.clientX - rect.left, event.clientY - rect.top);
    };
    this.scroller.addEventListener("mousemove", (event) => {
      this.setHover(at(event));
      this.onPoint({ x: event.clientX, y: event.clientY });
    });
    this.scroller.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      const found = at(event);
      if (found) this.onMenu(found.node, { x: event.clientX, y: event.clientY });
    });
    this.scroller.addEventListener("focus", () => {
      if (this.model && this.scroller.matches(":focus-visible")) this.onFocusFrame(this.model.selected);
    });
    this.scroller.addEventListener("blur", () => this.onFocusFrame(null));
    this.scroller.addEventListener("mouseleave", () => this.setHover(null));
    this.scroller.addEventListener("click", (event) => {
      const found = at(event);
      if (found) this.onSelect(found.node);
    });
    this.scroller.addEventListener("dblclick", (event) => {
      const found = at(event);
      if (found) this.onZoom(found.node);
    });
    this.scroller.addEventListener("scroll", () => this.request(), { passive: true });
    this.scroller.addEventListener("keydown", (event) => this.key(event));
  }

  private key(event: KeyboardEvent): void {
    const model = this.model;
    if (!model || event.ctrlKey || event.metaKey || event.altKey) return;
    const up = model.upward ? "ArrowDown" : "ArrowUp";
    const down = model.upward ? "ArrowUp" : "ArrowDown";
    const next: Record<string, () => number> = {
      [up]: () => model.layout.tree.parent[model.selected],
      [down]: () => this.childOf(model.selected),
      ArrowLeft: () => this.neighbour(model.selected, -1),
      ArrowRight: () => this.neighbour(model.selected, 1),
      Home: () => model.zoom,
    };
    if (event.key === "Enter") {
      event.preventDefault();
      this.onZoom(model.selected);
    } else if (event.key === "ContextMenu" || event.key === "m" || (event.key === "F10" && event.shiftKey)) {
      event.preventDefault();
      this.onMenu(model.selected, this.anchorOf(model.selected));
    } else if (next[event.key]) {
      event.preventDefault();
      const node = next[event.key]();
      if (node < 0) return;
      this.onSelect(node);
      this.onFocusFrame(node);
    }
  }

  /** A point of the window at the lower left of a frame, or of what is visible of the graph. */
  anchorOf(node: number): Point {
    const host = this.getBoundingClientRect();
    const rect = this.model ? this.rectOfNode(node) : null;
    return rect ? { x: host.left + rect.x + Math.min(rect.width / 2, 24), y: host.top + rect.y + rect.height } : { x: host.left + 24, y: host.top + ROW };
  }

  /** The widest child: it is the first of its level whose parent this is. */
  private childOf(node: number): number {
    const { layout } = this.model!;
    const p = layout.position[node];
    const level = layout.tree.depth[node] + 1;
    const middle = layout.left[p] + (layout.right[p] - layout.left[p]) * 1e-9;
    const child = hit(layout, level, middle);
    return child >= 0 && layout.tree.parent[layout.order[child]] === node ? layout.order[child] : -1;
  }

  /** The next frame of the level that is shown: those of no width, or beside what is zoomed into, are not. */
  private neighbour(node: number, step: number): number {
    const { layout, zoom } = this.model!;
    const level = layout.tree.depth[node];
    const { x0, x1 } = this.target(zoom);
    let p = layout.position[node] + step;
    while (p >= layout.levelStart[level] && p < layout.levelStart[level + 1]) {
      if (layout.left[p] >= x1 || layout.right[p] <= x0) return -1;
      if (layout.right[p] > layout.left[p]) return layout.order[p];
      p += step;
    }
    return -1;
  }

  private setHover(found: FrameHit | null): void {
    if (found?.node === this.hovered?.node && found?.count === this.hovered?.count) return;
    this.hovered = found;
    this.placeBoxes();
    this.onHover(found);
  }

  private moveTo(node: number, animate: boolean): void {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.animation = animate && !still ? { from: { ...this.view }, start: performance.now() } : null;
    if (!this.animation) this.view = this.target(node);
    this.scrollToZoom();
  }

  private target(node: number): { x0: number; x1: number } {
    const { layout } = this.model!;
    const p = layout.position[node];
    return layout.right[p] > layout.left[p] ? { x0: layout.left[p], x1: layout.right[p] } : { x0: 0, x1: 1 };
  }

  /** Shows the zoomed frame with three of its callers. */
  private scrollToZoom(): void {
    const { layout, zoom, upward } = this.model!;
    const level = Math.max(0, layout.tree.depth[zoom] - 3);
    const top = upward ? (layout.levels - level) * ROW - this.scroller.clientHeight : level * ROW;
    this.scroller.scrollTop = Math.max(0, top);
  }

  private reveal(node: number): void {
    const { layout, upward } = this.model!;
    const level = layout.tree.depth[node];
    const top = (upward ? layout.levels - 1 - level : level) * ROW;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + ROW > scrollTop + clientHeight) this.scroller.scrollTop = top + ROW - clientHeight;
  }

  private resize(): void {
    this.scale = window.devicePixelRatio || 1;
    this.request();
  }

  private request(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame((now) => this.paintFrame(now));
  }

  private paintFrame(now: number): void {
    this.frame = 0;
    const model = this.model;
    if (!model || this.scroller.clientWidth === 0 || this.scroller.clientHeight === 0) return;
    this.advance(model, now);
    const start = performance.now();
    this.paintNow(model);
    this.drawMs = performance.now() - start;
    if (this.generation === 0) performance.mark("flarepath-first-picture");
    this.generation++;
    this.dataset.generation = String(this.generation);
    if (this.animation) this.request();
    else this.dataset.settled = String(this.generation);
    this.placeBoxes();
  }

  private advance(model: FlameModel, now: number): void {
    if (!this.animation) return;
    const { from, start } = this.animation;
    const share = Math.min(1, Math.max(0, (now - start) / ZOOM_MILLIS));
    const eased = 1 - (1 - share) ** 3;
    const to = this.target(model.zoom);
    this.view = { x0: from.x0 + (to.x0 - from.x0) * eased, x1: from.x1 + (to.x1 - from.x1) * eased };
    if (share === 1) {
      this.view = to;
      this.animation = null;
    }
  }

  private geometry(model: FlameModel) {
    return {
      layout: model.layout,
      upward: model.upward,
      rowHeight: ROW * this.scale,
      scroll: this.scroller.scrollTop * this.scale,
    };
  }

  private scene(): Scene | null {
    const model = this.model;
    if (!model) return null;
    return {
      ...this.geometry(model),
      spans: this.spans,
      width: Math.round(this.scroller.clientWidth * this.scale),
      height: Math.round(this.scroller.clientHeight * this.scale),
      scale: this.scale,
      palette: model.palette,
      look: model.look,
      matches: model.matches?.nodes ?? null,
      zoomLevel: model.layout.tree.depth[model.zoom],
    };
  }

  private paintNow(model: FlameModel): void {
    const scene = this.scene()!;
    const first = Math.floor(scene.scroll / scene.rowHeight);
    const rows = Math.ceil(scene.height / scene.rowHeight) + 1;
    const top = model.upward ? model.layout.levels - 1 - first - rows : first;
    cull(model.layout, { ...this.view, width: scene.width, firstLevel: top, lastLevel: top + rows }, this.spans);
    if (this.canvas.width !== scene.width || this.canvas.height !== scene.height || this.generation === 0) {
      this.canvas.width = scene.width;
      this.canvas.height = scene.height;
      this.canvas.style.width = `${this.scroller.clientWidth}px`;
      this.canvas.style.height = `${this.scroller.clientHeight}px`;
      this.surface.setFont(FONT.replace("12px", `${12 * this.scale}px`));
    }
    this.painted = paint(this.surface, scene);
  }

  private placeBoxes(): void {
    place(this.hoverBox, this.model && this.hovered ? this.rectOfNode(this.hovered.node) : null);
    const selected = this.model && this.model.selected > 0 ? this.rectOfNode(this.model.selected) : null;
    place(this.selectedBox, selected);
  }
}

function sameModel(a: FlameModel, b: FlameModel): boolean {
  return (Object.keys(a) as (keyof FlameModel)[]).every((key) => a[key] === b[key]);
}

function box(name: string): HTMLDivElement {
  const div = document.createElement("div");
  div.className = name;
  div.hidden = true;
  return div;
}

function place(div: HTMLDivElement, rect: Rect | null): void {
  div.hidden = rect === null;
  if (!rect) return;
  div.style.transform = `translate(${rect.x}px, ${rect.y}px)`;
  div.style.width = `${Math.max(2, rect.width)}px`;
  div.style.height = `${rect.height}px`;
}

customElements.define("flame-graph", FlameElement);
