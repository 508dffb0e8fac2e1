import { useEffect, useRef, useState } from "preact/hooks";
import { moveSide, PENDING_MILLIS, SNAP, timeTicks, type Grip } from "../format/timeline";
import { clock, DEFAULT_TYPE, measureOf, rate, rateNumber, span } from "../format/units";
import { courses, go, now, retry, sides, state, timeline } from "../state/store";
import { TIMELINES, type TimelineLength } from "../url/state";
import { Failure } from "./notices";

type SideName = "a" | "b";

const WORDS = { a: "A, the baseline", b: "B, compared with it" } as const;
const GRIPS: Record<Grip, string> = { from: "start", until: "end", whole: "all" };

/** Both sides on one course of time: their ends and the whole of each can be drawn, by mouse or by keys. */
export function Timeline() {
  const whole = timeline.value;
  const { type } = state.value;
  const { data, error, stale, since } = courses.value;
  const unit = data?.a.unit ?? "nanoseconds";
  const measure = measureOf(type || DEFAULT_TYPE, unit);
  const one = sides.value.a.query === sides.value.b.query;
  const peak = data ? Math.max(...highest(data.a), ...highest(data.b)) : 0;
  const place = (at: number) => ((at - whole.from) / (whole.until - whole.from)) * 100;
  return (
    <section class={`timeline${stale ? " dimmed" : ""}`} aria-label="Timeline" aria-busy={since !== null}>
      {error && <Failure error={error} onRetry={retry} />}
      <Lane side="a" whole={whole} place={place} />
      <div class="timeline-plot">
        <span class="timeline-peak soft">{peak > 0 ? `at most ${rate(peak, measure)}` : ""}</span>
        <svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label={`Course over time, at most ${rateNumber(peak, measure)}`}>
          {data && <path class={`timeline-course${one ? "" : " timeline-a"}`} d={pathOf(data.a, whole, peak, one)} />}
          {data && !one && <path class="timeline-course timeline-b" d={pathOf(data.b, whole, peak, false)} />}
        </svg>
      </div>
      <Lane side="b" whole={whole} place={place} />
      <div class="timeline-axis soft" aria-hidden="true">
        {timeTicks(whole, 8).map((at) => (
          <span key={at} style={{ left: `${place(at)}%` }}>
            {tickText(at, whole.until - whole.from)}
          </span>
        ))}
      </div>
      <label class="timeline-length soft">
        timeline{" "}
        <select value={state.value.timeline} onChange={(event) => go({ timeline: event.currentTarget.value as TimelineLength }, "replace")}>
          {TIMELINES.map((length) => (
            <option key={length} value={length}>
              {length === "" ? "as needed" : length}
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}

function tickText(at: number, length: number): string {
  if (length > 36 * 3600e3) return clock(at, 0).slice(5, 16);
  return length < 300e3 ? clock(at) : clock(at).slice(0, 5);
}

interface Steps {
  startMillis: number;
  stepMillis: number;
  series: { values: number[] }[];
}

/** The largest value per second of a course. */
function highest(course: Steps): number[] {
  const values = course.series[0]?.values ?? [];
  return [values.reduce((most, value) => Math.max(most, value), 0) / (course.stepMillis / 1000)];
}

/** The course as an area, or as a line where there are two. */
function pathOf(course: Steps, whole: { from: number; until: number }, peak: number, area: boolean): string {
  const values = course.series[0]?.values ?? [];
  if (values.length === 0 || peak <= 0) return "";
  const seconds = course.stepMillis / 1000;
  // The last profiles are still under way; an end that falls to nothing would be a lie.
  const known = values.findIndex((_, i) => course.startMillis + (i + 1) * course.stepMillis > now.value - PENDING_MILLIS);
  const shown = known < 0 ? values : values.slice(0, known);
  if (shown.length === 0) return "";
  const x = (i: number) => (((course.startMillis + (i + 0.5) * course.stepMillis - whole.from) / (whole.until - whole.from)) * 1000).toFixed(1);
  const points = shown.map((value, i) => `${x(i)} ${(98 - (value / seconds / peak) * 92).toFixed(1)}`);
  return area ? `M${x(0)} 100L${points.join("L")}L${x(shown.length - 1)} 100Z` : `M${points.join("L")}`;
}

interface LaneProps {
  side: SideName;
  whole: { from: number; until: number };
  /** Percent of the width where a time lies. */
  place: (at: number) => number;
}

/** One side: a bar with a handle at each end. Its shade lies over the course. */
function Lane({ side, whole, place }: LaneProps) {
  const lane = useRef<HTMLDivElement>(null);
  const asked = sides.value[side];
  const [drawn, setDrawn] = useState<{ from: number; until: number } | null>(null);
  const drag = useRef<{ grip: Grip; x: number; from: number; until: number } | null>(null);
  const { from, until } = drawn ?? asked;
  useEffect(() => setDrawn(null), [asked.from, asked.until]);

  const settle = (next: { from: number; until: number }) => {
    if (next.from === asked.from && next.until === asked.until) return setDrawn(null);
    const scope = state.peek()[side];
    go({ [side]: { ...scope, from: String(Math.round(next.from)), until: String(Math.round(next.until)) }, focus: [] });
  };
  const grab = (grip: Grip) => (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    const handle = event.currentTarget as HTMLElement;
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    drag.current = { grip, x: event.clientX, from, until };
  };
  const pull = (event: PointerEvent) => {
    const { current } = drag;
    if (!current) return;
    const width = lane.current!.clientWidth;
    const by = ((event.clientX - current.x) / width) * (whole.until - whole.from);
    setDrawn(moveSide(current, current.grip, by, now.peek()));
  };
  const release = () => {
    if (!drag.current) return;
    drag.current = null;
    if (drawn) settle(drawn);
  };
  const key = (grip: Grip) => (event: KeyboardEvent) => {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (direction === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const step = Math.max(SNAP, Math.round((whole.until - whole.from) / 100 / SNAP) * SNAP) * (event.shiftKey ? 10 : 1);
    settle(moveSide({ from, until }, grip, direction * step, now.peek()));
  };
  const handle = (grip: Grip, at: number) => ({
    role: "slider" as const,
    tabIndex: 0,
    "aria-label": `${GRIPS[grip]} of ${WORDS[side]}`,
    "aria-valuemin": Math.round(whole.from / 1000),
    "aria-valuemax": Math.round(whole.until / 1000),
    "aria-valuenow": Math.round(at / 1000),
    "aria-valuetext": grip === "whole" ? `${clock(from, now.value)} to ${clock(until, now.value)}` : clock(at, now.value),
    onPointerDown: grab(grip),
    onPointerMove: pull,
    onPointerUp: release,
    onPointerCancel: release,
    onKeyDown: key(grip),
  });
  return (
    <div class={`lane lane-${side}`} ref={lane}>
      <div class="lane-shade" style={{ left: `${place(from)}%`, width: `${place(until) - place(from)}%` }} />
      <div class="lane-bar" style={{ left: `${place(from)}%`, width: `${place(until) - place(from)}%` }} title="Drag to move" {...handle("whole", from)}>
        <span class="lane-text">
          {side === "a" ? "A baseline" : "B"} · {span(until - from)}
        </span>
      </div>
      <div class="lane-handle" style={{ left: `${place(from)}%` }} title="Drag the start" {...handle("from", from)} />
      <div class="lane-handle" style={{ left: `${place(until)}%` }} title="Drag the end" {...handle("until", until)} />
    </div>
  );
}
