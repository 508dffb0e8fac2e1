import type { ComponentChildren } from "preact";
import type { Steps } from "../api/client";
import { goScope, times } from "../state/store";
import type { ChartProps } from "./plot";
import { TimeChart } from "./time-chart";

interface Props extends Pick<ChartProps, "values" | "second" | "slim" | "binary" | "unit" | "format" | "tick" | "least"> {
  /** What is drawn, in a word or two. */
  name: string;
  /** Where the values lie; null before there are any. */
  steps: Pick<Steps, "startMillis" | "stepMillis"> | null;
  stale: boolean;
  busy: boolean;
  /** What stands beside the lines, where the unit does not say it. */
  legend?: string;
  /** Above the chart. */
  children?: ComponentChildren;
}

/** Something over the range of the page; a part that is drawn with the mouse becomes the range. */
export function Course({ name, steps, stale, busy, legend, children, ...chart }: Props) {
  const { from, until } = times.value;
  const peak = Math.max(0, ...chart.values.map((value) => value ?? 0));
  return (
    <div class={`course${stale ? " dimmed" : ""}`} aria-busy={busy}>
      {children}
      <span class="course-unit soft">{legend ?? chart.unit}</span>
      <TimeChart
        {...chart}
        startMillis={steps?.startMillis ?? from}
        stepMillis={steps?.stepMillis ?? 1000}
        from={from}
        until={until}
        label={`${name} over time, at most ${chart.format(peak)} ${chart.unit}. Drag to choose a range.`}
        onSelect={(start, end) => goScope({ from: String(start), until: String(end) })}
      />
    </div>
  );
}
