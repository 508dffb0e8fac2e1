import { useMemo } from "preact/hooks";
import { compare, type Basis, type Comparison } from "../diff/diff";
import type { Show } from "../diff/filter";
import { amount, count, factor, FEW_SAMPLES, measureOf, percent, rate, signed, span } from "../format/units";
import { resolve } from "../format/range";
import type { DiffProfile, DiffSide } from "../model/decode";
import { AgentNotices } from "../parts/agent-status";
import { ChangeTable } from "../parts/change-table";
import { Complete } from "../parts/complete";
import { Empty } from "../parts/empty";
import { FilterBar } from "../parts/filter-bar";
import { FlamePanel, useLook } from "../parts/flame-panel";
import { FrameTree } from "../parts/frame-tree";
import { ChangeLegend } from "../parts/legend";
import { Failure, FewSamples, Notice, Progress } from "../parts/notices";
import { RangePicker } from "../parts/range-picker";
import { Sandwich } from "../parts/sandwich";
import { Side } from "../parts/side";
import { Skeleton } from "../parts/skeleton";
import { Timeline } from "../parts/timeline";
import { TypeSelect } from "../parts/type-select";
import { select, zoomTo } from "../state/actions";
import { diffSource } from "../state/flame-source";
import { diff, go, now, retry, sides, state } from "../state/store";
import { initialState, type Scope } from "../url/state";

/** What changed from A to B: two ranges, two sets of labels, or both. */
export function Compare() {
  const { data, since, error, stale } = diff.value;
  const { basis } = state.value;
  const comparison = useMemo(() => (data && !data.empty ? compare(data, basis) : null), [data, basis]);
  return (
    <main class="main compare">
      <p class="wording">
        <strong class="side-letter side-letter-a">A</strong> is the baseline. <strong class="side-letter side-letter-b">B</strong> is compared with it: “more” and + mean more in B
        than in A.
      </p>
      <div class="compare-sides">
        <SideEditor name="A" side="a" answer={data?.a} />
        <button type="button" class="swap quiet" aria-label="swap A and B" title="Swap A and B" onClick={() => go({ a: state.peek().b, b: state.peek().a })}>
          ⇄
        </button>
        <SideEditor name="B" side="b" answer={data?.b} />
      </div>
      <Timeline />
      <div class="main-head">
        <TypeSelect />
        <BasisSwitch />
        <ShowSwitch />
        <Presets />
        <span class="spacer" />
        {data && comparison && <Outcome diff={data} comparison={comparison} />}
      </div>
      <AgentNotices />
      {data && <OtherProfiler diff={data} />}
      <div class="flame-area" aria-busy={since !== null}>
        <Progress since={since} onCancel={() => diff.cancel()} />
        {error && <Failure error={error} onRetry={retry} />}
        {data?.empty && !stale && <Empty empty={data.empty} />}
        {data && comparison && <Picture diff={data} dimmed={stale || error !== null} />}
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
      <span class="side-duty">{name === "A" ? "baseline" : "compared"}</span>
      <RangePicker label={`range of ${name}`} range={scope} now={now.value} onChange={set} />
      <FilterBar name={`side ${name}`} matchers={scope.matchers} times={times} onChange={(matchers) => set({ matchers })} />
      <span class="spacer" />
      {answer && <Complete total={answer.total} samples={answer.samples} incomplete={answer.incomplete} reasons={answer.incompleteReasons} />}
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

const SHOWS: [Show, string, string][] = [
  ["all", "all", "everything"],
  ["changed", "changed", "what is told from noise"],
  ["b", "only B", "what is new: not in the baseline at all"],
  ["a", "only A", "what is gone: only in the baseline"],
];

function ShowSwitch() {
  const { show } = state.value;
  return (
    <div class="segments" role="group" aria-label="Show">
      {SHOWS.map(([one, text, why]) => (
        <button type="button" key={one} aria-pressed={show === one} title={why} onClick={() => go({ show: one, zoom: [], focus: [] }, "replace")}>
          {text}
        </button>
      ))}
    </div>
  );
}

/** Two profilers see differently: what differs may be they, not the program. */
function OtherProfiler({ diff: data }: { diff: DiffProfile }) {
  const { a, b } = data;
  if (a.empty || b.empty || a.profiler === b.profiler) return null;
  return (
    <Notice tone="warning">
      A was measured by {a.profiler || "(none)"}, B by {b.profiler || "(none)"}: they may name and count differently. Add the filter profiler="…" to both sides.
    </Notice>
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

const NOTHING: Record<Show, string> = {
  all: "",
  a: "Nothing is only in A: every stack of the baseline is in B too.",
  b: "Nothing is only in B: every stack was in the baseline already.",
  changed: "No frame has changed by more than noise.",
};

function Picture({ diff: data, dimmed }: { diff: DiffProfile; dimmed: boolean }) {
  const { basis, transforms, show, fn } = state.value;
  const source = useMemo(() => diffSource(data, basis, transforms, show), [data, basis, transforms, show]);
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
        {source.width[0] === 0 ? (
          <div class="flame-panel">
            <div class="empty" role="status">
              <h2>{NOTHING[show]}</h2>
              <div class="empty-actions">
                <button type="button" onClick={() => go({ show: "all" }, "replace")}>
                  Show all
                </button>
              </div>
            </div>
          </div>
        ) : fn === "" ? (
          <FlamePanel
            source={source}
            samples={fewest}
            hiddenNodes={data.hiddenNodes}
            dimmed={dimmed}
            legend={<ChangeLegend tree={source.tree} />}
            label={`Difference of ${count(source.tree.size)} frames`}
          />
        ) : (
          <Sandwich source={source} dimmed={dimmed} legend={<ChangeLegend tree={source.tree} />} />
        )}
        <Side
          topName="What changed"
          top={<ChangeTable diff={data} tree={source.tree} />}
          tree={
            <FrameTree
              source={source}
              selected={look.selected.node}
              onSelect={(node) => select(source.tree, node)}
              onZoom={(node) => zoomTo(source, node)}
            />
          }
        />
      </div>
    </>
  );
}
