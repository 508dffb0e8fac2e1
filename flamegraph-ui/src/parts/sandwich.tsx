import { useSignal } from "@preact/signals";
import { useCallback, useMemo, useState } from "preact/hooks";
import { ROW } from "../draw/flame-element";
import { PALETTES } from "../draw/palette";
import { count } from "../format/units";
import { sandwich } from "../model/sandwich";
import { isOther, labelOf, nameOf } from "../model/tree";
import { patternOf, search } from "../search/search";
import { copyText, showFunction } from "../state/actions";
import type { FlameSource } from "../state/flame-source";
import { state } from "../state/store";
import { theme } from "../state/theme";
import { FlameCanvas, type Pointed } from "./flame-canvas";
import { StatusLine, useKeys, useMenu } from "./flame-panel";
import { TransformChips } from "./transform-chips";
import type { ComponentChildren } from "preact";

interface Props {
  source: FlameSource;
  dimmed: boolean;
  legend: ComponentChildren;
}

/** One function in the middle: its callers stand above it, what it calls below. */
export function Sandwich({ source, dimmed, legend }: Props) {
  const { fn } = state.value;
  const parts = useMemo(() => {
    const { callers, callees, places } = sandwich(source.tree, fn);
    return { callers: source.part(callers), callees: source.part(callees), places };
  }, [source, fn]);
  useKeys({ Escape: () => showFunction(""), "0": () => showFunction("") });
  const { callers, callees, places } = parts;
  const name = places > 0 ? labelOf(callees.tree, 0) : fn;
  return (
    <section class="flame-panel" aria-label="Callers and callees">
      <div class="flame-tools">
        <button type="button" title="Esc" onClick={() => showFunction("")}>
          ← Whole graph
        </button>
        <h3 class="sandwich-name" title={name}>
          {name}
        </h3>
        <button type="button" class="quiet" onClick={() => void copyText(name)}>
          Copy name
        </button>
      </div>
      <TransformChips />
      {places === 0 ? (
        <div class="empty" role="status">
          <h2>This function is not in this profile</h2>
          <p>
            <code>{fn}</code> has no sample with these labels in this time range, or is folded into “other”.
          </p>
          <div class="empty-actions">
            <button type="button" onClick={() => showFunction("")}>
              Show the whole graph
            </button>
          </div>
        </div>
      ) : (
        <>
          <p class="sandwich-line">
            {callees.line(0)} · called from {count(places)} {places === 1 ? "place" : "places"}
          </p>
          <Half source={callers} upward dimmed={dimmed} label={`Callers of ${name}`} />
          <Half source={callees} upward={false} dimmed={dimmed} label={`What ${name} calls`} />
          {legend}
        </>
      )}
    </section>
  );
}

/** Callers grow upwards from the function, callees downwards. */
function Half({ source, upward, dimmed, label }: { source: FlameSource; upward: boolean; dimmed: boolean; label: string }) {
  const palette = PALETTES[theme.value];
  const text = state.value.search;
  const looks = useMemo(() => source.looks(palette), [source, palette]);
  const matches = useMemo(() => {
    const pattern = patternOf(text);
    return pattern ? search(source.layout, source.width, pattern) : null;
  }, [source, text]);
  const pointed = useSignal<Pointed | null>(null);
  const [selected, setSelected] = useState<{ source: FlameSource; node: number }>({ source, node: 0 });
  const node = selected.source === source ? selected.node : 0;
  // A double click puts another function into the middle.
  const turn = useCallback((at: number) => at > 0 && !isOther(source.tree, at) && showFunction(nameOf(source.tree, at)), [source]);
  const { menu, open } = useMenu(source, turn);
  return (
    <>
      <h4 class="half-name">{upward ? "Callers ↑" : "Callees ↓"}</h4>
      <FlameCanvas
        source={source}
        look={looks}
        palette={palette}
        matches={matches}
        upward={upward}
        zoom={0}
        selected={node}
        label={label}
        dimmed={dimmed}
        pointed={pointed}
        onSelect={(at) => setSelected({ source, node: at })}
        onZoom={turn}
        onMenu={open}
        {...(upward ? { height: source.layout.levels * ROW } : {})}
      />
      {menu}
      {!upward && <StatusLine source={source} pointed={pointed} selected={node} />}
    </>
  );
}
