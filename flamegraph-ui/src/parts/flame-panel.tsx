import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { FlameElement, type FrameHit } from "../draw/flame-element";
import { PALETTES } from "../draw/palette";
import { count, percent } from "../format/units";
import { findPath, isOther, labelOf, pathOf, type FrameTree } from "../model/tree";
import { patternOf, search } from "../search/search";
import type { FlameSource } from "../state/flame-source";
import { go, state } from "../state/store";
import { theme } from "../state/theme";
import { Notice } from "./notices";

interface Props {
  source: FlameSource;
  samples: number;
  hiddenNodes: number;
  dimmed: boolean;
  legend: ComponentChildren;
  /** What the picture shows, for screen readers. */
  label: string;
}

/** Where one looks, resolved in the tree that is there now. */
export function useLook(tree: FrameTree) {
  const { zoom, selected } = state.value;
  return useMemo(() => ({ zoom: findPath(tree, zoom), selected: findPath(tree, selected) }), [tree, zoom, selected]);
}

/** Fills the width with a frame; where the service has more detail below it, that is asked for. */
export function zoomTo(tree: FrameTree, node: number): void {
  const path = pathOf(tree, node);
  const { focus } = state.peek();
  const inside = focus.length > 0 && focus.every((name, i) => path[i] === name);
  go({ zoom: path, focus: hasOther(tree, node) ? path : inside ? focus : [] });
}

export function select(tree: FrameTree, node: number): void {
  go({ selected: pathOf(tree, node) }, "replace");
}

/** One step out: to the nearest caller that is visibly wider. */
export function zoomOut(source: FlameSource): boolean {
  const { tree, width } = source;
  const { zoom } = state.peek();
  if (zoom.length === 0) return false;
  const node = findPath(tree, zoom).node;
  let at = tree.parent[node];
  while (at > 0 && width[at] < width[node] * 1.02) at = tree.parent[at];
  zoomTo(tree, Math.max(0, at));
  return true;
}

function hasOther(tree: FrameTree, node: number): boolean {
  if (node === 0) return false;
  const inside = new Uint8Array(tree.size);
  inside[node] = 1;
  for (let n = node + 1; n < tree.size; n++) {
    inside[n] = inside[tree.parent[n]];
    if (inside[n] && isOther(tree, n)) return true;
  }
  return false;
}

/** The picture with its search, the way to the zoomed frame, and one line about what is pointed at. */
export function FlamePanel({ source, samples, hiddenNodes, dimmed, legend, label }: Props) {
  const { tree, layout } = source;
  const { upward, search: text } = state.value;
  const palette = PALETTES[theme.value];
  const look = useLook(tree);
  const looks = useMemo(() => source.looks(palette), [source, palette]);
  const matches = useMemo(() => {
    const pattern = patternOf(text);
    return pattern ? search(layout, source.width, pattern) : null;
  }, [layout, text]);
  const host = useRef<HTMLDivElement>(null);
  const element = useRef<FlameElement | null>(null);
  const [hovered, setHovered] = useState<FrameHit | null>(null);

  useLayoutEffect(() => {
    const made = document.createElement("flame-graph") as FlameElement;
    element.current = made;
    host.current!.append(made);
    return () => made.remove();
  }, []);
  useLayoutEffect(() => {
    const flame = element.current!;
    flame.onHover = setHovered;
    flame.onSelect = (node) => (isOther(tree, node) ? zoomTo(tree, tree.parent[node]) : select(tree, node));
    flame.onZoom = (node) => zoomTo(tree, node);
    flame.describe(`${label}. Arrow keys move between frames, Enter zooms in, Escape goes back.`);
    flame.show({ layout, look: looks, palette, matches, upward, zoom: look.zoom.node, selected: look.selected.node });
  });
  useEffect(() => setHovered(null), [source]);

  const step = (by: number) => {
    if (!matches || matches.list.length === 0) return;
    const at = matches.list.indexOf(look.selected.node);
    const next = matches.list[(at + by + matches.list.length + (at < 0 && by < 0 ? 1 : 0)) % matches.list.length];
    select(tree, next);
  };
  useKeys({
    n: () => step(1),
    N: () => step(-1),
    "0": () => go({ zoom: [], focus: [] }),
    i: () => go({ upward: !state.peek().upward }, "replace"),
    Escape: () => {
      if (zoomOut(source)) return;
      if (state.peek().selected.length > 0) go({ selected: [] }, "replace");
      else if (state.peek().search !== "") go({ search: "" }, "replace");
    },
  });

  const pointed = hovered?.node ?? look.selected.node;
  const whole = source.width[0];
  return (
    <section class="flame-panel" aria-label="Flame graph">
      <div class="flame-tools">
        <SearchBox count={matches?.list.length ?? 0} share={matches ? percent(whole > 0 ? matches.value / whole : 0, samples) : ""} regex={matches?.pattern.regex ?? true} onStep={step} />
        <Way tree={tree} node={look.zoom.node} />
        <button type="button" class="quiet" aria-pressed={upward} title="Root at the bottom  i" onClick={() => go({ upward: !upward }, "replace")}>
          {upward ? "flame ↑" : "icicle ↓"}
        </button>
      </div>
      {!look.zoom.exact && (
        <Notice tone="info">
          The frame that was zoomed into is not in this profile; its nearest caller is shown.{" "}
          <button type="button" class="link" onClick={() => go({ zoom: pathOf(tree, look.zoom.node), focus: [] }, "replace")}>
            keep this
          </button>
        </Notice>
      )}
      {hiddenNodes > 0 && (
        <Notice tone="warning">
          {count(hiddenNodes)} small frames are folded into “other” ({percent(otherShare(source))}). Zoom into a frame to load its details.
        </Notice>
      )}
      <div ref={host} class={`flame-host${dimmed ? " dimmed" : ""}`} />
      <div class="status-line">
        <span class="status-name">
          {labelOf(tree, pointed)}
          {hovered && hovered.count > 1 ? ` and ${hovered.count - 1} frames beside it, too thin to draw` : ""}
        </span>
        <span class="status-numbers">{source.line(pointed)}</span>
      </div>
      <p class="sr-only" aria-live="polite">
        {look.selected.node > 0 ? `${labelOf(tree, look.selected.node)}, ${source.line(look.selected.node)}` : ""}
      </p>
      {look.selected.node > 0 && <Details source={source} node={look.selected.node} />}
      {legend}
    </section>
  );
}

function otherShare(source: FlameSource): number {
  let value = 0;
  for (let n = 1; n < source.tree.size; n++) if (isOther(source.tree, n)) value += source.width[n];
  return source.width[0] > 0 ? value / source.width[0] : 0;
}

function SearchBox(props: { count: number; share: string; regex: boolean; onStep: (by: number) => void }) {
  const text = state.value.search;
  return (
    <div class="search">
      <input
        id="search"
        type="search"
        aria-label="search frames"
        placeholder="search  /"
        spellcheck={false}
        value={text}
        onInput={(event) => go({ search: event.currentTarget.value }, "replace")}
        onKeyDown={(event) => {
          if (event.key === "Enter") props.onStep(event.shiftKey ? -1 : 1);
          if (event.key !== "Escape") return;
          event.stopPropagation();
          if (text === "") event.currentTarget.blur();
          else go({ search: "" }, "replace");
        }}
      />
      {text !== "" && (
        <span class="search-result" role="status">
          {props.count === 0 ? "no match" : `${props.share} matched · ${count(props.count)} frames`}
          {props.regex ? "" : " · as text"}
        </span>
      )}
      {props.count > 0 && (
        <>
          <button type="button" class="quiet" aria-label="previous match" title="Previous  N" onClick={() => props.onStep(-1)}>
            ‹
          </button>
          <button type="button" class="quiet" aria-label="next match" title="Next  n" onClick={() => props.onStep(1)}>
            ›
          </button>
        </>
      )}
    </div>
  );
}

/** How many steps of the way are shown at its end; those before are folded. */
const STEPS = 4;

function Way({ tree, node }: { tree: FrameTree; node: number }) {
  const nodes: number[] = [];
  for (let at = node; at >= 0; at = tree.parent[at]) nodes.unshift(at);
  const folded = Math.max(0, nodes.length - 1 - STEPS);
  const shown = folded > 0 ? [nodes[0], ...nodes.slice(-STEPS)] : nodes;
  return (
    <nav class="way" aria-label="Zoom">
      <ol>
        {shown.map((at, i) => (
          <li key={at}>
            {i === 1 && folded > 0 && <span class="soft">… {folded} › </span>}
            {i < shown.length - 1 ? (
              <button type="button" class="link" title={labelOf(tree, at)} onClick={() => zoomTo(tree, at)}>
                {labelOf(tree, at)}
              </button>
            ) : (
              <span aria-current="location" title={labelOf(tree, at)}>
                {labelOf(tree, at)}
              </span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Details({ source, node }: { source: FlameSource; node: number }) {
  const { tree } = source;
  const name = labelOf(tree, node);
  return (
    <aside class="details" aria-label="Frame">
      <header>
        <h3>{name}</h3>
        <button type="button" onClick={() => zoomTo(tree, node)}>
          Zoom in
        </button>
        <button type="button" class="quiet" onClick={() => void navigator.clipboard?.writeText(name)}>
          Copy name
        </button>
        <button type="button" class="quiet" aria-label="close details" onClick={() => go({ selected: [] }, "replace")}>
          ×
        </button>
      </header>
      <dl>
        {source.facts(node).map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

/** Single keys of the page; they rest while one types. */
export function useKeys(keys: Record<string, (event: KeyboardEvent) => void>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || document.querySelector("dialog[open], [popover]:popover-open")) return;
      latest.current[event.key]?.(event);
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}
