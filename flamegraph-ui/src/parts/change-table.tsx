import { useMemo } from "preact/hooks";
import { changes, type Change, type Comparison } from "../diff/diff";
import { factor, signed } from "../format/units";
import { go, state } from "../state/store";
import { exactPattern, filtered, KindMark, shortName } from "./top-table";
import { VirtualRows } from "./virtual-rows";

interface Props {
  comparison: Comparison;
  format: (value: number) => string;
  unit: string;
}

/** Functions by how much they changed, self or total. */
export function ChangeTable({ comparison, format, unit }: Props) {
  const { sort, filter } = state.value;
  const key = sort === "total" ? "total" : "self";
  const all = useMemo(() => changes(comparison), [comparison]);
  const rows = useMemo(() => ranked(filtered(all, filter), key), [all, filter, key]);
  const noise = rows.filter((row) => !significant(row, key)).length;
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
      <div class="segments small" role="group" aria-label="Rank by">
        <button type="button" aria-pressed={key === "self"} onClick={() => go({ sort: "self" }, "replace")}>
          change of self
        </button>
        <button type="button" aria-pressed={key === "total"} onClick={() => go({ sort: "total" }, "replace")}>
          of total
        </button>
      </div>
      <VirtualRows
        role="table"
        label={`Changes of ${key}`}
        count={rows.length}
        reveal={-1}
        head={
          <div role="row" class="row change-row">
            <span role="columnheader">function</span>
            <span role="columnheader" class="number">
              A
            </span>
            <span role="columnheader" class="number">
              B
            </span>
            <span role="columnheader" class="number">
              change{unit}
            </span>
          </div>
        }
        row={(i) => <ChangeLine key={`${rows[i].name} ${rows[i].kind}`} row={rows[i]} index={i} sort={key} format={format} />}
      />
      <p class="soft side-foot">{noise} functions are not told from noise (grey)</p>
    </section>
  );
}

function ChangeLine({ row, index, sort, format }: { row: Change; index: number; sort: "self" | "total"; format: (value: number) => string }) {
  const a = sort === "self" ? row.selfA : row.totalA;
  const b = sort === "self" ? row.selfB : row.totalB;
  const told = significant(row, sort);
  const find = exactPattern(row.label);
  const tone = !told ? "noise" : b > a ? "more" : "less";
  return (
    <div role="row" aria-rowindex={index + 2} class={`row change-row ${tone}`}>
      <span role="cell" class="cell-name">
        <KindMark kind={row.kind} />
        <button type="button" class="cell-button" title={row.label} onClick={() => go({ search: state.peek().search === find ? "" : find })}>
          {shortName(row.label, 20)}
        </button>
      </span>
      <span role="cell" class="number">
        {format(a)}
      </span>
      <span role="cell" class="number">
        {format(b)}
      </span>
      <span role="cell" class="number change-delta">
        {signed(b - a, format)} <span class="change-factor">{factor(a, b)}</span>
      </span>
    </div>
  );
}

function significant(row: Change, key: "self" | "total"): boolean {
  return key === "self" ? row.significantSelf : row.significantTotal;
}

/** Told changes first, by size; then the rest, by size. */
function ranked(rows: Change[], key: "self" | "total"): Change[] {
  const size = (row: Change) => Math.abs(key === "self" ? row.deltaSelf : row.deltaTotal);
  return [...rows].sort((a, b) => Number(significant(b, key)) - Number(significant(a, key)) || size(b) - size(a));
}
