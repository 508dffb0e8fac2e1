interface Props {
  text: string;
  /** Names begin with the first of them, numbers with the largest. */
  isName: boolean;
  active: boolean;
  ascending: boolean;
  onTurn: (ascending: boolean) => void;
}

/** Head of a column: orders the table by it, and the other way round when it does already. */
export function SortHead({ text, isName, active, ascending, onTurn }: Props) {
  return (
    <span role="columnheader" aria-sort={active ? (ascending ? "ascending" : "descending") : "none"} class={isName ? "" : "number"}>
      <button type="button" class="head-button" onClick={() => onTurn(active ? !ascending : isName)}>
        {text}
        {active ? (ascending ? " ↑" : " ↓") : ""}
      </button>
    </span>
  );
}
