import { useMemo } from "preact/hooks";
import { compare, type Basis, type Comparison } from "../diff/diff";
import { amount, count, factor, FEW_SAMPLES, measureOf, percent, rate, signed, span } from "../format/units";
import { resolve } from "../format/range";
import type { DiffProfile, DiffSide } from "../model/decode";
import { AgentNotices } from "../parts/agent-status";
import { ChangeTable } from "../parts/change-table";
import { Empty } from "../parts/empty";
import { FilterBar } from "../parts/filter-bar";
import { FlamePanel, select, useLook, zoomTo } from "../parts/flame-panel";
import { FrameTree } from "../parts/frame-tree";
import { ChangeLegend } from "../parts/legend";
import { Failure, FewSamples, Notice, Progress } from "../parts/notices";
import { RangePicker } from "../parts/range-picker";
import { Side } from "../parts/side";
import { TypeSelect } from "../parts/type-select";
import { basisFormat, basisUnit, diffSource } from "../state/flame-source";
import { diff, go, now, retry, sides, state } from "../state/store";
import { initialState, type Scope } from "../url/state";
import { Skeleton } from "./explore";

/** What changed from A to B: two ranges, two sets of labels, or both. */
export function Compare() {
  const { data, since, error, stale } = diff.value;
  const { basis } = state.value;
  const comparison = useMemo(() => (data && !data.empty ? compare(data, basis) : null), [data, basis]);
  return (
    <main class="main compare">
      <div class="compare-sides">
        <SideEditor name="A" side="a" answer={data?.a} />
        <button type="button" class="swap quiet" aria-label="swap A and B" title="Swap A and B" onClick={() => go({ a: state.peek().b, b: state.peek().a })}>
          ⇄
        </button>
        <SideEditor name="B" side="b" answer={data?.b} />
      </div>
      <div class="main-head">
        <TypeSelect />
        <BasisSwitch />
        <Presets />
        <span class="spacer" />
        {data && comparison && <Outcome diff={data} comparison={comparison} />}
      </div>
      <AgentNotices />
      <div class="flame-area" aria-busy={since !== null}>
        <Progress since={since} onCancel={() => diff.cancel()} />
        {error && <Failure error={error} onRetry={retry} />}
        {data?.empty && !stale && <Empty empty={data.empty} />}
        {data && comparison && <Picture diff={data} comparison={comparison} dimmed={stale || error !== null} />}
        {!data && !error && <Skeleton />}
      </div>
    </main>
  );
}

function SideEditor({ name, side, answer }: { name: "A" | "B"; side: "a" | "b"; answer: DiffSide | undefined }) {
  const scope = state.value[side];
  const times = sides.value[side];
  const set = (change: Partial<Scope>) => go({ [side]: { ...state.peek()[side], ...change }, focus: [] });
  const open = () => go({ ...initialState(), page: "explore", type: state.peek().type, a: scope, zoom: state.peek().zoom, search: state.peek().search });
  return (
    <section class={`compare-side side-${side}`} aria-label={`Side ${name}`}>
      <strong class="side-letter">{name}</strong>
      <RangePicker label={`range of ${name}`} range={scope} now={now.value} onChange={set} />
      <FilterBar name={`side ${name}`} matchers={scope.matchers} times={times} onChange={(matchers) => set({ matchers })} />
      <span class="spacer" />
      <span class="soft">
        {answer ? `${span(answer.seconds * 1000)} · ${count(answer.samples)} samples${answer.profiler ? ` · ${answer.profiler}` : ""}` : ""}
      </span>
      <button type="button" class="quiet" onClick={open}>
        Open {name} in Explore
      </button>
    </section>
  );
}

const BASES: [Basis, string, string][] = [
  ["rate", "per second", "value per second of the range: shows what costs more"],
  ["share", "share", "part of the side's own total: takes out more or less traffic"],
];

function BasisSwitch() {
  const { basis } = state.value;
  return (
    <div class="segments" role="group" aria-label="Basis">
      {BASES.map(([one, text, why]) => (
        <button type="button" key={one} aria-pressed={basis === one} title={why} onClick={() => go({ basis: one }, "replace")}>
          {text}
        </button>
      ))}
    </div>
  );
}

const EARLIER: [string, number][] = [
  ["hour", 3600e3],
  ["day", 86400e3],
  ["week", 7 * 86400e3],
];

/** A becomes the same stretch of time as B, so much earlier. */
function Presets() {
  const set = (earlier: number) => {
    const { b } = state.peek();
    const { from, until } = resolve(b, now.peek());
    const fixed = { ...b, from: String(Math.round(from)), until: String(Math.round(until)) };
    go({ a: { matchers: b.matchers, from: String(Math.round(from - earlier)), until: String(Math.round(until - earlier)) }, b: fixed, focus: [] });
  };
  return (
    <div class="presets" role="group" aria-label="Compare B with the previous">
      <span class="soft">A = B, one</span>
      {EARLIER.map(([name, millis]) => (
        <button type="button" class="quiet" key={name} onClick={() => set(millis)}>
          {name}
        </button>
      ))}
      <span class="soft">earlier</span>
    </div>
  );
}

/** Totals of both sides and their difference, in the basis that is named. */
function Outcome({ diff: data, comparison }: { diff: DiffProfile; comparison: Comparison }) {
  const measure = measureOf(data.type, data.unit);
  const rateOf = (side: DiffSide) => (side.seconds > 0 ? side.total / side.seconds : 0);
  const a = rateOf(data.a);
  const b = rateOf(data.b);
  return (
    <p class="totals">
      <span class="basis-name">{comparison.basis === "rate" ? "compared per second" : "compared by share of each side's total"}</span>
      <span title={amount(data.a.total, measure)}>A {rate(a, measure)}</span>
      <span title={amount(data.b.total, measure)}>B {rate(b, measure)}</span>
      <strong>
        {signed(b - a, (value) => rate(value, measure))} {a > 0 && b > 0 ? `(${signed(b / a - 1, (value) => percent(value))})` : factor(a, b)}
      </strong>
    </p>
  );
}

function Picture({ diff: data, comparison, dimmed }: { diff: DiffProfile; comparison: Comparison; dimmed: boolean }) {
  const source = useMemo(() => diffSource(data, comparison), [data, comparison]);
  const look = useLook(source.tree);
  const fewest = Math.min(data.a.samples, data.b.samples);
  return (
    <>
      {(["a", "b"] as const).map((side) => {
        const empty = data[side].empty;
        return empty ? (
          <Notice key={side} tone="warning">
            Side {side.toUpperCase()} is empty: {empty.message}
          </Notice>
        ) : null;
      })}
      {fewest > 0 && fewest < FEW_SAMPLES && <FewSamples samples={fewest} />}
      <div class="split">
        <FlamePanel
          source={source}
          samples={fewest}
          hiddenNodes={data.hiddenNodes}
          dimmed={dimmed}
          legend={<ChangeLegend />}
          label={`Difference of ${count(source.tree.size)} frames`}
        />
        <Side
          topName="What changed"
          top={<ChangeTable comparison={comparison} format={basisFormat(data, comparison)} unit={basisUnit(data, comparison)} />}
          tree={
            <FrameTree
              source={source}
              selected={look.selected.node}
              onSelect={(node) => select(source.tree, node)}
              onZoom={(node) => zoomTo(source.tree, node)}
            />
          }
        />
      </div>
    </>
  );
}
