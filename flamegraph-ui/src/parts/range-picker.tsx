import { useEffect, useRef, useState } from "preact/hooks";
import { clock, span } from "../format/units";
import { describeRange, parseRange, PRESETS, preset, resolve, shift, type Range } from "../format/range";

interface Props {
  range: Range;
  now: number;
  label: string;
  onChange: (range: Range) => void;
}

/** Chooses a time range: by a preset, or in words. */
export function RangePicker({ range, now, label, onChange }: Props) {
  const [problem, setProblem] = useState("");
  const text = useRef<HTMLInputElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const { from, until } = resolve(range, now);
  const id = `range-${label.replaceAll(" ", "-")}`;

  useEffect(() => setProblem(""), [range.from, range.until]);

  const choose = (next: Range) => {
    onChange(next);
    popover.current?.hidePopover();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const parsed = parseRange(text.current!.value, now);
    if (typeof parsed === "string") setProblem(parsed);
    else choose(parsed);
  };
  const length = until - from;

  return (
    <div class="range">
      <button type="button" class="quiet" aria-label={`${label}: earlier`} title="Earlier  [" onClick={() => onChange(shift(range, -length / 2, now))}>
        ‹
      </button>
      <button type="button" class="range-button" popovertarget={id} aria-label={`${label}: ${describeRange(range, now)}`}>
        {describeRange(range, now)}
      </button>
      <button type="button" class="quiet" aria-label={`${label}: later`} title="Later  ]" onClick={() => onChange(shift(range, length / 2, now))}>
        ›
      </button>
      <div id={id} ref={popover} popover="auto" class="range-popover">
        <div class="range-presets" role="group" aria-label="Presets">
          {PRESETS.map((one) => (
            <button type="button" key={one} aria-pressed={range.until === "now" && range.from === `now-${one}`} onClick={() => choose(preset(one))}>
              {one}
            </button>
          ))}
        </div>
        <form onSubmit={submit}>
          <input ref={text} aria-label={`${label} in words`} placeholder="15m, now-1h to now-30m, 14:05-14:20" aria-invalid={problem !== ""} spellcheck={false} />
          <button type="submit">Apply</button>
        </form>
        {problem !== "" && (
          <p class="range-problem" role="alert">
            {problem}
          </p>
        )}
        <p class="range-exact">
          {clock(from, now)} – {clock(until, now)} · {span(length)} · local time
          {range.until === "now" && (
            <button type="button" class="link" onClick={() => choose({ from: String(from), until: String(until) })}>
              freeze
            </button>
          )}
        </p>
      </div>
    </div>
  );
}
