import { useMemo } from "preact/hooks";
import { changes, compare, type Change } from "../diff/diff";
import { isShown } from "../diff/filter";
import { barName } from "../draw/label";
import { factor, measureOf, percent, rateNumber, signed } from "../format/units";
import type { DiffProfile } from "../model/decode";
import type { FrameTree } from "../model/tree";
import { exactPattern, showFunction } from "../state/actions";
import { go, state } from "../state/store";
import type { ChangeKey } from "../url/state";
import { SortHead } from "./sort-head";
import { filtered, KindMark, shortName } from "./top-table";
import { VirtualRows } from "./virtual-rows";

interface Props {
  diff: DiffProfile;
  /** The tree as it is drawn. */
  tree: FrameTree;
}

/** One function in both bases. */
export interface ChangeRow {
  key: string;
  rate: Change;
  share: Change;
}

/** Functions with both sides and their difference per second and in share, the largest difference first. */
export function ChangeTable({ diff, tree }: Props) {
  const { sort, filter, by, basis, show, ascending, search, fn } = state.value;
  const of = sort === "total" ? "total" : "self";
  const all = useMemo(() => changeRows({ ...diff, tree }), [diff, tree]);
  const rows = useMemo(() => {
    const shown = all.filter((row) => isShown(row[basis], show));
    const named = filtered(shown.map((row) => ({ row, label: row.rate.label })), filter).map(({ row }) => row);
    return ordered(named, by === "" ? basis : by, of, ascending, basis);
  }, [all, filter, by, of, show, ascending, basis]);
  const noise = rows.filter((row) => !significant(row[basis], of)).length;
  const measure = measureOf(diff.type, diff.unit);
  const format = { rate: (value: number) => rateNumber(value, measure), share: (value: number) => percent(value, Math.min(diff.a.samples, diff.b.samples)) };
  const unit = measure.cpu ? "cores" : "per s";
  const current = (row: ChangeRow) => (fn === "" ? search === exactPattern(row.rate.label) : row.rate.name === fn);
  return (
    <section class="side-body" aria-label="What changed">
      <input
        class="side-filter"
        type="search"
        aria-label="filter functions"
        placeholder="filter functions"
        value={filter}
        onInput={(event) => go({ filter: event.currentTarget.value }, "replace")}
      />
      <div class="segments small" role="group" aria-label="Count">
        <button type="button" aria-pressed={of === "self"} onClick={() => go({ sort: "self" }, "replace")}>
          change of self
        </button>
        <button type="button" aria-pressed={of === "total"} onClick={() => go({ sort: "total" }, "replace")}>
          of total
        </button>
      </div>
      <VirtualRows
        role="table"
        label={`Changes of ${of}`}
        count={rows.length}
        reveal={fn === "" && search === "" ? -1 : rows.findIndex(current)}
        head={
          <div role="row" class="row change-row">
            <Head name="name" text="function" standard={basis} />
            <Head name="a" text="A base" standard={basis} />
            <Head name="b" text="B" standard={basis} />
            <Head name="rate" text={`B−A ${unit}`} standard={basis} />
            <Head name="share" text="B−A share" standard={basis} />
          </div>
        }
        row={(i) => <ChangeLine key={rows[i].key} row={rows[i]} index={i} of={of} format={format} current={current(rows[i])} />}
      />
      <p class="soft side-foot">
        {rows.length === 0 ? "No function is of this kind" : `${noise} of ${rows.length} functions are not told from noise (grey)`}
      </p>
    </section>
  );
}

interface LineProps {
  row: ChangeRow;
  index: number;
  of: "self" | "total";
  format: { rate: (value: number) => string; share: (value: number) => string };
  current: boolean;
}

function ChangeLine({ row, index, of, format, current }: LineProps) {
  const { basis } = state.value;
  const { a, b } = valuesOf(row[basis], of);
  const tone = !significant(row[basis], of) ? "noise" : b > a ? "more" : "less";
  const { label, name, kind } = row.rate;
  const find = exactPattern(label);
  const act = () => (state.peek().fn === "" ? go({ search: state.peek().search === find ? "" : find }) : showFunction(name));
  return (
    <div role="row" aria-rowindex={index + 2} class={`row change-row ${tone}${current ? " current" : ""}`}>
      <span role="cell" class="cell-name">
        <KindMark kind={kind} />
        <button type="button" class="cell-button" title={label} onClick={act}>
          {shortName(barName(label), 24)}
        </button>
        <button type="button" class="row-action" aria-label={`callers and callees of ${label}`} title="Callers and callees" onClick={() => showFunction(name)}>
          ⇅
        </button>
      </span>
      <span role="cell" class="number">
        {format[basis](a)}
      </span>
      <span role="cell" class="number">
        {format[basis](b)}
      </span>
      <span role="cell" class={`number${basis === "rate" ? " change-delta" : ""}`}>
        {signed(deltaOf(row.rate, of), format.rate)} {basis === "rate" && <span class="change-factor">{factor(a, b)}</span>}
      </span>
      <span role="cell" class={`number${basis === "share" ? " change-delta" : ""}`}>
        {signed(deltaOf(row.share, of), format.share)} {basis === "share" && <span class="change-factor">{factor(a, b)}</span>}
      </span>
    </div>
  );
}

function Head({ name, text, standard }: { name: ChangeKey; text: string; standard: ChangeKey }) {
  const { by, ascending } = state.value;
  const active = (by === "" ? standard : by) === name;
  return <SortHead text={text} isName={name === "name"} active={active} ascending={ascending} onTurn={(up) => go({ by: name, ascending: up }, "replace")} />;
}

/** Every function of a comparison, in both bases. */
export function changeRows(diff: DiffProfile): ChangeRow[] {
  const keyOf = (change: Change) => `${change.kind} ${change.name}`;
  const shares = new Map(changes(compare(diff, "share")).map((change) => [keyOf(change), change]));
  return changes(compare(diff, "rate")).map((rate) => ({ key: keyOf(rate), rate, share: shares.get(keyOf(rate))! }));
}

/** By a difference: told changes first, by size; the rest after them, by size. */
export function ordered(rows: ChangeRow[], by: ChangeKey, of: "self" | "total", ascending: boolean, basis: "rate" | "share"): ChangeRow[] {
  const sign = ascending ? 1 : -1;
  const size = (row: ChangeRow) => Math.abs(deltaOf(by === "share" ? row.share : row.rate, of));
  const order: Record<string, (x: ChangeRow, y: ChangeRow) => number> = {
    name: (x, y) => sign * (x.rate.label < y.rate.label ? -1 : x.rate.label > y.rate.label ? 1 : 0),
    a: (x, y) => sign * (valuesOf(x[basis], of).a - valuesOf(y[basis], of).a),
    b: (x, y) => sign * (valuesOf(x[basis], of).b - valuesOf(y[basis], of).b),
  };
  const difference = (x: ChangeRow, y: ChangeRow) =>
    Number(significant(y[basis], of)) - Number(significant(x[basis], of)) || sign * (size(x) - size(y));
  return [...rows].sort(order[by] ?? difference);
}

function significant(change: Change, of: "self" | "total"): boolean {
  return of === "self" ? change.significantSelf : change.significantTotal;
}

function deltaOf(change: Change, of: "self" | "total"): number {
  return of === "self" ? change.deltaSelf : change.deltaTotal;
}

function valuesOf(change: Change, of: "self" | "total"): { a: number; b: number } {
  return of === "self" ? { a: change.selfA, b: change.selfB } : { a: change.totalA, b: change.totalB };
}
