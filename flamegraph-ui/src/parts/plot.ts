import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { lonely } from "../format/timeline";
import { clock, day } from "../format/units";

export interface ChartProps {
  startMillis: number;
  stepMillis: number;
  /** One value for each step, in what the axis shows. */
  values: readonly (number | null)[];
  /** Ends of the time axis, Unix milliseconds. */
  from: number;
  until: number;
  unit: string;
  format: (value: number) => string;
  /** Formats the ticks of the axis. */
  tick: (value: number) => string;
  /** Least upper end of the axis, so that nothing is not drawn as much. */
  least: number;
  label: string;
  /** Called with Unix milliseconds when a part was drawn with the mouse. */
  onSelect: (from: number, until: number) => void;
}

/** A chart that is on the page. */
export interface Plot {
  update(): void;
  destroy(): void;
}

const HEIGHT = 108;
/** Shorter drags, in pixels, are clicks. */
const LEAST_DRAG = 4;

/** Draws a course over time. The library behind it is known in this file only. */
export function draw(div: HTMLElement, latest: { current: ChartProps }): Plot {
  const made = new uPlot(options(div, latest), dataOf(latest.current), div);
  const observer = new ResizeObserver(() => made.setSize({ width: div.clientWidth, height: HEIGHT }));
  observer.observe(div);
  return {
    update: () => made.setData(dataOf(latest.current)),
    destroy: () => {
      observer.disconnect();
      made.destroy();
    },
  };
}

function dataOf({ startMillis, stepMillis, values }: ChartProps): uPlot.AlignedData {
  // A value belongs to the whole step; its point stands in the middle.
  return [values.map((_, i) => (startMillis + (i + 0.5) * stepMillis) / 1000), [...values]];
}

function options(div: HTMLElement, latest: { current: ChartProps }): uPlot.Options {
  const colour = (name: string) => getComputedStyle(div).getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--text-soft"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: colour("--line-soft"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(100, div.clientWidth),
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 5 }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: true, range: () => [latest.current.from / 1000, latest.current.until / 1000] },
      y: { range: (_, __, max) => [0, Math.max(latest.current.least, max * 1.1)] },
    },
    axes: [
      { ...axis, size: 22, gap: 4, space: 80, values: (_, ticks) => timeTicks(ticks) },
      { ...axis, size: 52, gap: 4, space: 28, values: (_, ticks) => ticks.map((tick) => latest.current.tick(tick)) },
    ],
    series: [
      {},
      { stroke: colour("--accent"), width: 1.25, fill: colour("--accent-faint"), points: { show: false, size: 4, fill: colour("--accent"), filter: (u, i) => lonely(u.data[i]) }, spanGaps: false },
    ],
    hooks: {
      ready: [(u) => u.over.append(readout())],
      setCursor: [(u) => showReadout(u, latest.current)],
      setSelect: [
        (u) => {
          const { left, width } = u.select;
          if (width < LEAST_DRAG) return;
          const from = u.posToVal(left, "x") * 1000;
          const until = u.posToVal(left + width, "x") * 1000;
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.onSelect(Math.round(from), Math.round(until));
        },
      ],
    },
  };
}

/** Time of day, and the date where a new day begins or where ticks are days. */
function timeTicks(seconds: number[]): string[] {
  let before = "";
  return seconds.map((second, i) => {
    const [date, time] = [day(second * 1000), clock(second * 1000)];
    const changed = i > 0 && date !== before;
    before = date;
    return changed || time === "00:00:00" ? date.slice(5) : time.slice(0, seconds[1] - seconds[0] < 60 ? 8 : 5);
  });
}

function readout(): HTMLDivElement {
  const div = document.createElement("div");
  div.className = "chart-readout";
  return div;
}

function showReadout(u: uPlot, props: ChartProps): void {
  const div = u.over.querySelector<HTMLElement>(".chart-readout");
  const i = u.cursor.idx;
  if (!div) return;
  const value = i === null || i === undefined ? null : u.data[1][i];
  const time = i === null || i === undefined ? 0 : props.startMillis + i * props.stepMillis;
  div.textContent = value === null || value === undefined ? "" : `${clock(time, props.until)}  ${props.format(value)} ${props.unit}`;
}
