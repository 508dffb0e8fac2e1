import { darkest, holds, type Part, type Threads } from "../model/threads";

/** Height of a thread's row, in CSS pixels. */
export const ROW = 16;
/** The faintest cell that holds anything. */
const FAINT = 0.14;

/** Where the picture stands: its width in CSS pixels, and the times at its ends. */
export interface Frame {
  width: number;
  from: number;
  until: number;
}

/** Where a time lies, in CSS pixels. */
export function placeOf({ width, from, until }: Frame, millis: number): number {
  return ((millis - from) / (until - from)) * width;
}

/** Draws a row for each thread: the more it took in a step, the darker. */
export function paintThreads(canvas: HTMLCanvasElement, data: Threads, frame: Frame, cpu: boolean, part: Part | null): void {
  const { width } = frame;
  const scale = window.devicePixelRatio || 1;
  const height = data.threads.length * ROW;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  // On whole pixels of the screen: neighbours leave no seam.
  const x = (millis: number) => Math.round(placeOf(frame, millis) * scale) / scale;
  const most = darkest(data, cpu);
  context.scale(scale, scale);
  context.fillStyle = colour("--accent");
  data.threads.forEach(({ values }, row) => {
    values.forEach((value, i) => {
      if (value <= 0) return;
      const left = x(data.startMillis + i * data.stepMillis);
      const right = x(data.startMillis + (i + 1) * data.stepMillis);
      context.globalAlpha = FAINT + (1 - FAINT) * Math.min(1, value / most);
      context.fillRect(left, row * ROW + 1, Math.max(1 / scale, right - left), ROW - 2);
    });
  });
  if (!part) return;
  context.globalAlpha = 1;
  context.strokeStyle = colour("--focus");
  context.lineWidth = 2;
  const left = Math.max(1, x(part.from));
  const right = Math.min(width - 1, x(part.until));
  data.threads.forEach((thread, row) => {
    if (right > left && holds(part, thread)) context.strokeRect(left, row * ROW + 1, right - left, ROW - 2);
  });
}
