import { useEffect, useRef, useState } from "preact/hooks";
import { paintThreads, placeOf, ROW, type Frame } from "../draw/heatmap";
import { amount, count, DEFAULT_TYPE, measureOf, rate, tenths } from "../format/units";
import { ofSeveralPods, partOf, podOf, threadName, type Rectangle, type Threads } from "../model/threads";
import { go, state, times } from "../state/store";
import { theme } from "../state/theme";

/** Where the charts above have their axis, so that times stand below each other. */
const LEFT = 52;
const RIGHT = 20;
/** Shorter drags, in pixels, are clicks. */
const LEAST_DRAG = 4;

interface Props {
  data: Threads;
  stale: boolean;
  busy: boolean;
}

/** What each thread took over time; a rectangle that is drawn in it becomes what the flame graph is of. */
export function ThreadMap({ data, stale, busy }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [drag, setDrag] = useState<Rectangle | null>(null);
  const [told, setTold] = useState("");
  const { part, type } = state.value;
  const range = times.value;
  const dark = theme.value;
  const measure = measureOf(type || DEFAULT_TYPE, data.unit);
  const frame: Frame = { width, ...range };
  const several = ofSeveralPods(data.threads);

  useEffect(() => {
    const element = host.current!;
    const measured = () => setWidth(Math.max(40, element.offsetWidth - LEFT - RIGHT));
    measured();
    const observer = new ResizeObserver(measured);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (width > 0) paintThreads(canvas.current!, data, frame, measure.cpu, part);
  }, [data, width, range.from, range.until, measure.cpu, part, dark]);

  const place = (event: PointerEvent) => {
    const { left, top } = canvas.current!.getBoundingClientRect();
    const at = Math.min(width, Math.max(0, event.clientX - left));
    const row = Math.min(data.threads.length - 1, Math.max(0, Math.floor((event.clientY - top) / ROW)));
    return { millis: range.from + (at / width) * (range.until - range.from), row };
  };
  const pick = (rectangle: Rectangle) => go({ part: partOf(data, range, rectangle), focus: [] });
  const pickRow = (row: number) => pick({ from: range.from, until: range.until, first: row, last: row });
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const { millis, row } = place(event);
    canvas.current!.setPointerCapture(event.pointerId);
    setDrag({ from: millis, until: millis, first: row, last: row });
  };
  const move = (event: PointerEvent) => {
    const { millis, row } = place(event);
    if (drag) setDrag({ ...drag, until: millis, last: row });
    const step = Math.floor((millis - data.startMillis) / data.stepMillis);
    const thread = data.threads[row];
    const value = thread.values[step] ?? 0;
    const perSecond = value / (data.stepMillis / 1000);
    setTold(`${tenths(data.startMillis + step * data.stepMillis)}  ${threadName(thread)}  ${measure.cpu ? rate(perSecond, measure) : amount(value, measure)}`);
  };
  const up = () => {
    if (!drag) return;
    setDrag(null);
    const pixels = Math.abs(placeOf(frame, drag.until) - placeOf(frame, drag.from));
    if (pixels >= LEAST_DRAG) pick(drag);
    else pickRow(drag.first);
  };
  return (
    <div class={`threads${stale ? " dimmed" : ""}`} aria-busy={busy}>
      <span class="chart-readout">{told}</span>
      <div class="threads-host" ref={host}>
        <div class="threads-rows" style={{ marginLeft: `${LEFT}px`, width: `${width}px`, height: `${data.threads.length * ROW}px` }}>
          <canvas
            ref={canvas}
            onPointerDown={down}
            onPointerMove={move}
            onPointerUp={up}
            onPointerCancel={() => setDrag(null)}
            onPointerLeave={() => setTold("")}
          />
          {drag && <i class="threads-drawn" style={drawn(drag, frame)} />}
          <ul aria-label="Threads">
            {data.threads.map((thread, row) => (
              <li key={`${podOf(thread)} ${thread.id} ${thread.name}`} style={{ top: `${row * ROW}px` }}>
                <button type="button" title={`The flame graph of this thread${several ? ` in ${podOf(thread)}` : ""}: ${amount(thread.total, measure)}`} onClick={() => pickRow(row)}>
                  {threadName(thread)}
                </button>
              </li>
            ))}
          </ul>
        </div>
      </div>
      {data.hiddenThreads > 0 && (
        <p class="soft threads-more">
          {count(data.hiddenThreads)} more threads took {amount(data.hiddenTotal, measure)} together.
        </p>
      )}
    </div>
  );
}

function drawn({ from, until, first, last }: Rectangle, frame: Frame) {
  const left = placeOf(frame, Math.min(from, until));
  const right = placeOf(frame, Math.max(from, until));
  const [top, bottom] = [Math.min(first, last), Math.max(first, last) + 1];
  return { left: `${left}px`, width: `${right - left}px`, top: `${top * ROW}px`, height: `${(bottom - top) * ROW}px` };
}
