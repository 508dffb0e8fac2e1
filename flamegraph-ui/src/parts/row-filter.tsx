import { count } from "../format/units";
import { go, state } from "../state/store";

interface Props {
  /** What a row is of, and several. */
  names: readonly [string, string];
  shown: number;
  all: number;
}

/** The filter above a table, and how many of its rows pass it. */
export function RowFilter({ names: [one, several], shown, all }: Props) {
  return (
    <div class="row-filter">
      <input
        id="search"
        type="search"
        aria-label={`filter ${several}`}
        placeholder="filter  /"
        spellcheck={false}
        value={state.value.filter}
        onInput={(event) => go({ filter: event.currentTarget.value }, "replace")}
      />
      <span class="soft" role="status">
        {shown === all ? "" : `${count(shown)} of `}
        {count(all)} {all === 1 ? one : several}
      </span>
    </div>
  );
}
