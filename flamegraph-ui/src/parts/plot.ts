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
  /** Another course on the same axis, dashed, and what the two are called. */
  second?: { names: readonly [string, string]; values: readonly (number | null)[]; colour: string };
  /** The axis has steps of powers of two. */
  binary?: boolean;
  /** A low one without times below it, to stand under others. */
  slim?: boolean;
  /** Called with Unix milliseconds when a part was drawn with the mouse. */
  onSelect: (from: number, until: number) => void;
}

/** A chart that is on the page. */
export interface Plot {
  update(): void;
  destroy(): void;
}

const HEIGHT = 108;
const SLIM_HEIGHT = 38;
const POWERS = Array.from({ length: 50 }, (_, i) => 2 ** i);
/** All charts of a page show the same range: pointing at and drawing in one shows in all. */
const SHARED = "range";
/** The chart that was pressed last: what is drawn in it is shown in the others, but told by it alone. */
let pressed: HTMLElement | null = null;
/** Shorter drags, in pixels, are clicks. */
const LEAST_DRAG = 4;

/** Draws a course over time. The library behind it is known in this file only. */
export function draw(div: HTMLElement, latest: { current: ChartProps }): Plot {
  const made = new uPlot(options(div, latest), dataOf(latest.current), div);
  const observer = new ResizeObserver(() => made.setSize({ width: div.clientWidth, height: heightOf(latest.current) }));
  observer.observe(div);
  return {
    update: () => made.setData(dataOf(latest.current)),
    destroy: () => {
      observer.disconnect();
      made.destroy();
    },
  };
}

function heightOf({ slim }: ChartProps): number {
  return slim ? SLIM_HEIGHT : HEIGHT;
}

function dataOf({ startMillis, stepMillis, values, second }: ChartProps): uPlot.AlignedData {
  // A value belongs to the whole step; its point stands in the middle.
  const times = values.map((_, i) => (startMillis + (i + 0.5) * stepMillis) / 1000);
  return second ? [times, [...values], [...second.values]] : [times, [...values]];
}

function options(div: HTMLElement, latest: { current: ChartProps }): uPlot.Options {
  const colour = (name: string) => getComputedStyle(div).getPropertyValue(name).trim();
  const { slim = false, binary = false, second } = latest.current;
  const points = (name: string) => ({ show: false, size: 4, fill: colour(name), filter: (u: uPlot, i: number) => lonely(u.data[i]) });
  const axis = {
    stroke: colour("--text-soft"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: colour("--line-soft"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(100, div.clientWidth),
    height: heightOf(latest.current),
    padding: [slim ? 7 : 8, 8, slim ? 5 : 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 5 }, drag: { x: true, y: false, setScale: false }, sync: { key: SHARED } },
    scales: {
      x: { time: true, range: () => [latest.current.from / 1000, latest.current.until / 1000] },
      y: { range: (_, __, max) => [0, Math.max(latest.current.least, max * 1.1)] },
    },
    axes: [
      { ...axis, size: slim ? 0 : 22, gap: 4, space: 80, values: (_, ticks) => (slim ? ticks.map(() => "") : timeTicks(ticks)) },
      { ...axis, size: 52, gap: 4, space: slim ? 11 : 28, ...(binary ? { incrs: POWERS } : {}), values: (_, ticks) => ticks.map((tick) => latest.current.tick(tick)) },
    ],
    series: [
      {},
      { stroke: colour("--accent"), width: 1.25, fill: colour("--accent-faint"), points: points("--accent"), spanGaps: false },
      ...(second ? [{ stroke: colour(second.colour), width: 1.25, dash: [4, 3], points: points(second.colour), spanGaps: false }] : []),
    ],
    hooks: {
      ready: [
        (u) => {
          u.over.append(readout());
          u.over.addEventListener("mousedown", () => (pressed = u.over));
        },
      ],
      setCursor: [(u) => showReadout(u, latest.current)],
      setSelect: [
        (u) => {
          const { left, width } = u.select;
          if (width < LEAST_DRAG) return;
          const from = u.posToVal(left, "x") * 1000;
          const until = u.posToVal(left + width, "x") * 1000;
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (pressed === u.over) latest.current.onSelect(Math.round(from), Math.round(until));
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
  if (i === null || i === undefined) {
    div.textContent = "";
    return;
  }
  const names = props.second?.names ?? ["", ""];
  const told = names.flatMap((name, series) => {
    const value = u.data[series + 1]?.[i];
    return value === null || value === undefined ? [] : [`${name} ${props.format(value)}`.trim()];
  });
  const time = clock(props.startMillis + i * props.stepMillis, props.until);
  div.textContent = told.length === 0 ? "" : `${time}  ${told.join(" · ")} ${props.unit}`;
}
