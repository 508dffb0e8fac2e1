import { useMemo } from "preact/hooks";
import { barName, fitLabel } from "../draw/label";
import { css, legendColour, PALETTES } from "../draw/palette";
import { amount, measureOf, percent } from "../format/units";
import type { Profile } from "../model/decode";
import { isAddress } from "../model/tree";
import { topFunctions, type FunctionRow } from "../model/functions";
import { patternOf } from "../search/search";
import { exactPattern, showFunction } from "../state/actions";
import type { FlameSource } from "../state/flame-source";
import { go, state } from "../state/store";
import { theme } from "../state/theme";
import type { SortKey } from "../url/state";
import { SortHead } from "./sort-head";
import { VirtualRows } from "./virtual-rows";

/** All functions by self or total; a click finds the function in the picture. */
export function TopTable({ profile, source }: { profile: Profile; source: FlameSource }) {
  const { sort, ascending, filter, search, fn } = state.value;
  const functions = useMemo(() => topFunctions(source.tree), [source]);
  const rows = useMemo(() => sorted(filtered(functions, filter), sort, ascending), [functions, filter, sort, ascending]);
  const measure = measureOf(profile.type, profile.unit);
  const whole = source.tree.total[0];
  const share = (value: number) => percent(whole > 0 ? value / whole : 0, profile.samples);
  const isCurrent = (row: FunctionRow) => (fn === "" ? search === exactPattern(row.label) : row.name === fn);
  return (
    <section class="side-body" aria-label="Functions">
      <input
        class="side-filter"
        type="search"
        aria-label="filter functions"
        placeholder="filter functions"
        value={filter}
        onInput={(event) => go({ filter: event.currentTarget.value }, "replace")}
      />
      <VirtualRows
        role="table"
        label={`Functions by ${sort}`}
        count={rows.length}
        reveal={fn === "" && search === "" ? -1 : rows.findIndex(isCurrent)}
        head={
          <div role="row" class="row top-row">
            <Head name="name" text="function" />
            <Head name="self" text="self" />
            <Head name="total" text="total" />
          </div>
        }
        row={(i) => (
          <FunctionLine
            key={`${rows[i].name} ${rows[i].kind}`}
            row={rows[i]}
            index={i}
            share={share}
            exact={(value) => amount(value, measure)}
            current={isCurrent(rows[i])}
          />
        )}
      />
    </section>
  );
}

function FunctionLine(props: {
  row: FunctionRow;
  index: number;
  share: (value: number) => string;
  exact: (value: number) => string;
  current: boolean;
}) {
  const { row, share, exact } = props;
  const find = exactPattern(row.label);
  const act = () => (state.peek().fn === "" ? go({ search: props.current ? "" : find }) : showFunction(row.name));
  return (
    <div role="row" aria-rowindex={props.index + 2} class={`row top-row${isAddress(row.name) ? " unnamed" : ""}${props.current ? " current" : ""}`}>
      <span role="cell" class="cell-name">
        <KindMark kind={row.kind} />
        <button type="button" class="cell-button" title={`${row.label}${row.mapping ? `\n${row.mapping}` : ""}`} onClick={act}>
          {shortName(barName(row.label), 40)}
        </button>
        <button type="button" class="row-action" aria-label={`callers and callees of ${row.label}`} title="Callers and callees" onClick={() => showFunction(row.name)}>
          ⇅
        </button>
      </span>
      <span role="cell" class="number" title={exact(row.self)}>
        {share(row.self)}
      </span>
      <span role="cell" class="number" title={exact(row.total)}>
        {share(row.total)}
      </span>
    </div>
  );
}

/** A name of at most so many letters; its end says most. The whole name stands in the title. */
export function shortName(label: string, letters: number): string {
  return fitLabel(label, letters, (text) => text.length);
}

export function KindMark({ kind }: { kind: string }) {
  return <i class="kind-mark" aria-hidden="true" style={{ background: css(legendColour(PALETTES[theme.value], kind)) }} />;
}

function Head({ name, text }: { name: SortKey; text: string }) {
  const { sort, ascending } = state.value;
  return <SortHead text={text} isName={name === "name"} active={sort === name} ascending={ascending} onTurn={(up) => go({ sort: name, ascending: up }, "replace")} />;
}

export function filtered<T extends { label: string }>(rows: T[], filter: string): T[] {
  const pattern = patternOf(filter);
  return pattern ? rows.filter((row) => pattern.test(row.label)) : rows;
}

function sorted(rows: FunctionRow[], key: SortKey, ascending: boolean): FunctionRow[] {
  const sign = ascending ? 1 : -1;
  const by = (a: FunctionRow, b: FunctionRow) =>
    key === "name" ? (a.label < b.label ? -1 : a.label > b.label ? 1 : 0) : a[key] - b[key];
  return [...rows].sort((a, b) => sign * by(a, b));
}
