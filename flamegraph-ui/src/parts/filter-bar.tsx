import { useEffect, useRef, useState } from "preact/hooks";
import type { Times } from "../api/client";
import { client } from "../state/store";
import { formatSelector, OPS, type Matcher, type Op } from "../url/selector";

interface Props {
  matchers: readonly Matcher[];
  times: Times;
  name: string;
  onChange: (matchers: Matcher[]) => void;
}

/** Conditions on labels, each a chip that can be taken off, and a form for one more. */
export function FilterBar({ matchers, times, name, onChange }: Props) {
  const [adding, setAdding] = useState(false);
  return (
    <div class="filters" role="group" aria-label={`${name} filters`}>
      {matchers.map((m, i) => (
        <span class="chip" key={`${m.label}${m.op}${m.value}`}>
          <span class="chip-label">{m.label}</span>
          <span class="chip-op">{m.op}</span>
          <span class="chip-value">{m.value}</span>
          <button type="button" aria-label={`remove filter ${m.label}`} onClick={() => onChange(matchers.filter((_, j) => j !== i))}>
            ×
          </button>
        </span>
      ))}
      {adding ? (
        <NewFilter
          matchers={matchers}
          times={times}
          onDone={(added) => {
            setAdding(false);
            if (added) onChange([...matchers, added]);
          }}
        />
      ) : (
        <button type="button" class="quiet" onClick={() => setAdding(true)}>
          + filter
        </button>
      )}
    </div>
  );
}

function NewFilter({ matchers, times, onDone }: { matchers: readonly Matcher[]; times: Times; onDone: (added: Matcher | null) => void }) {
  const [label, setLabel] = useState("");
  const [op, setOp] = useState<Op>("=");
  const [value, setValue] = useState("");
  const [labels, setLabels] = useState<string[]>([]);
  const [values, setValues] = useState<string[]>([]);
  const first = useRef<HTMLInputElement>(null);
  const query = matchers.length > 0 ? formatSelector(matchers) : "";

  useEffect(() => {
    first.current?.focus();
    const abort = new AbortController();
    // Suggestions only: without them a label can still be typed.
    client.labels(times, query, abort.signal).then(setLabels, () => setLabels([]));
    return () => abort.abort();
  }, []);
  useEffect(() => {
    if (!labels.includes(label)) return setValues([]);
    const abort = new AbortController();
    client.labelValues(times, label, query, abort.signal).then(setValues, () => setValues([]));
    return () => abort.abort();
  }, [label, labels]);

  const submit = (event: Event) => {
    event.preventDefault();
    if (label.trim() !== "") onDone({ label: label.trim(), op, value });
  };
  return (
    <form class="filter-form" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && (event.stopPropagation(), onDone(null))}>
      <input ref={first} list="filter-labels" aria-label="label" placeholder="label" value={label} onInput={(e) => setLabel(e.currentTarget.value)} />
      <select aria-label="condition" value={op} onChange={(e) => setOp(e.currentTarget.value as Op)}>
        {OPS.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <input list="filter-values" aria-label="value" placeholder="value" value={value} onInput={(e) => setValue(e.currentTarget.value)} />
      <datalist id="filter-labels">
        {labels.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <datalist id="filter-values">
        {values.slice(0, 500).map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <button type="submit">Add</button>
      <button type="button" class="quiet" onClick={() => onDone(null)}>
        Cancel
      </button>
    </form>
  );
}
