import { useSignal, type ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Point } from "../draw/flame-element";
import { PALETTES } from "../draw/palette";
import { count, percent } from "../format/units";
import { FLAG_FOLDED, findPath, isLowConfidence, isOther, isUnnamed, kindOf, labelOf, LOW_CONFIDENCE, nameOf, pathOf, type FrameTree } from "../model/tree";
import { patternOf, search } from "../search/search";
import { copyText, select, showFunction, zoomOut, zoomTo } from "../state/actions";
import type { FlameSource } from "../state/flame-source";
import { go, state } from "../state/store";
import { theme } from "../state/theme";
import { FlameCanvas, type Pointed } from "./flame-canvas";
import { lazy } from "./lazy";
import { Notice } from "./notices";
import { TransformChips } from "./transform-chips";

const FrameMenu = lazy(() => import("./frame-menu").then((module) => module.FrameMenu));

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

/** A menu that was asked for. */
export function useMenu(source: FlameSource, onZoom: (node: number) => void) {
  const [asked, setAsked] = useState<{ source: FlameSource; node: number; at: Point } | null>(null);
  const close = useCallback(() => setAsked(null), []);
  const open = useCallback((node: number, at: Point) => setAsked({ source, node, at }), [source]);
  const menu = asked?.source === source ? <FrameMenu source={source} node={asked.node} at={asked.at} onZoom={onZoom} onClose={close} /> : null;
  return { menu, open };
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
  const pointed = useSignal<Pointed | null>(null);
  const zoom = useCallback((node: number) => zoomTo(source, node), [source]);
  const { menu, open } = useMenu(source, zoom);
  const selected = look.selected.node;

  const step = (by: number) => {
    if (!matches || matches.list.length === 0) return;
    const at = matches.list.indexOf(selected);
    const next = matches.list[(at + by + matches.list.length + (at < 0 && by < 0 ? 1 : 0)) % matches.list.length];
    select(tree, next);
  };
  useKeys({
    n: () => step(1),
    N: () => step(-1),
    s: () => selected > 0 && !isOther(tree, selected) && showFunction(nameOf(tree, selected)),
    "0": () => go({ zoom: [], focus: [] }),
    i: () => go({ upward: !state.peek().upward }, "replace"),
    Escape: () => {
      if (zoomOut(source)) return;
      if (state.peek().selected.length > 0) go({ selected: [] }, "replace");
      else if (state.peek().search !== "") go({ search: "" }, "replace");
    },
  });

  const whole = source.width[0];
  return (
    <section class="flame-panel" aria-label="Flame graph">
      <div class="flame-tools">
        <SearchBox count={matches?.list.length ?? 0} share={matches ? percent(whole > 0 ? matches.value / whole : 0, samples) : ""} regex={matches?.pattern.regex ?? true} onStep={step} />
        <Way source={source} node={look.zoom.node} />
        <button type="button" class="quiet" aria-pressed={upward} title="Root at the bottom  i" onClick={() => go({ upward: !upward }, "replace")}>
          {upward ? "flame ↑" : "icicle ↓"}
        </button>
      </div>
      <TransformChips />
      {!look.zoom.exact && (
        <Notice tone="info">
          The frame that was zoomed into is not in this picture; its nearest caller is shown.{" "}
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
      <FlameCanvas
        source={source}
        look={looks}
        palette={palette}
        matches={matches}
        upward={upward}
        zoom={look.zoom.node}
        selected={selected}
        label={label}
        dimmed={dimmed}
        pointed={pointed}
        onSelect={(node) => (isOther(tree, node) ? zoomTo(source, tree.parent[node]) : select(tree, node))}
        onZoom={zoom}
        onMenu={open}
      />
      {menu}
      <StatusLine source={source} pointed={pointed} selected={selected} />
      <p class="sr-only" aria-live="polite">
        {selected > 0 ? `${labelOf(tree, selected)}, ${source.line(selected)}` : ""}
      </p>
      {selected > 0 && <Details source={source} node={selected} zoom={look.zoom.node} />}
      {legend}
    </section>
  );
}

/** One line about what is pointed at, else about what is selected. */
export function StatusLine({ source, pointed, selected }: { source: FlameSource; pointed: ReadonlySignal<Pointed | null>; selected: number }) {
  const { node, count: frames } = pointed.value ?? { node: selected, count: 1 };
  const known = node < source.tree.size ? node : 0;
  return (
    <div class="status-line">
      <span class="status-name">
        {labelOf(source.tree, known)}
        {isLowConfidence(source.tree, known) ? ` · ${LOW_CONFIDENCE}` : ""}
        {frames > 1 ? ` and ${frames - 1} frames beside it, too thin to draw` : ""}
      </span>
      <span class="status-numbers">{source.line(known)}</span>
    </div>
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

function Way({ source, node }: { source: FlameSource; node: number }) {
  const { tree } = source;
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
              <button type="button" class="link" title={labelOf(tree, at)} onClick={() => zoomTo(source, at)}>
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

const Lines = lazy(() => import("./lines").then((module) => module.Lines));

/** Whether a frame is code of a source file: neither made up by the page, nor without a name. */
function hasLines(tree: FrameTree, node: number): boolean {
  return node > 0 && !isOther(tree, node) && !isUnnamed(tree, node) && kindOf(tree, node) !== "error" && (tree.flags[node] & FLAG_FOLDED) === 0;
}

function Details({ source, node, zoom }: { source: FlameSource; node: number; zoom: number }) {
  const { tree } = source;
  const name = labelOf(tree, node);
  const { page, lines, part } = state.value;
  // The service knows lines of whole profiles only.
  const withLines = page === "explore" && !part && hasLines(tree, node);
  return (
    <aside class="details" aria-label="Frame">
      <header>
        <h3>{name}</h3>
        <button type="button" onClick={() => zoomTo(source, node)}>
          Zoom in
        </button>
        <button type="button" title="Callers and callees  s" onClick={() => showFunction(nameOf(tree, node))}>
          Callers and callees
        </button>
        {withLines && (
          <button type="button" aria-expanded={lines} onClick={() => go({ lines: !lines }, "replace")}>
            Lines
          </button>
        )}
        <button type="button" class="quiet" onClick={() => void copyText(name)}>
          Copy name
        </button>
        <button type="button" class="quiet" aria-label="close details" onClick={() => go({ selected: [] }, "replace")}>
          ×
        </button>
      </header>
      <dl>
        {source.facts(node, zoom).map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {withLines && lines && <Lines name={nameOf(tree, node)} />}
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
