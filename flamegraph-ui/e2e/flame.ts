import { expect, type Page } from "@playwright/test";
import type { FlameElement, FlameStats, FrameHit, Rect } from "../src/draw/flame-element";

/** The flame graph of a page, through its public probes. */
export class Flame {
  constructor(private readonly page: Page) {}

  /** Waits until a picture is complete and nothing moves. */
  async settled(): Promise<void> {
    await this.page.waitForFunction(() => {
      const flame = document.querySelector<FlameElement>("flame-graph");
      return flame?.dataset.settled !== undefined && flame.dataset.settled === flame.dataset.generation && !flame.stats().moving;
    });
  }

  rectOf(path: string): Promise<Rect | null> {
    return this.page.evaluate((p) => document.querySelector<FlameElement>("flame-graph")!.rectOf(p), path);
  }

  colourOf(path: string): Promise<string | null> {
    return this.page.evaluate((p) => document.querySelector<FlameElement>("flame-graph")!.colourOf(p), path);
  }

  stats(): Promise<FlameStats> {
    return this.page.evaluate(() => document.querySelector<FlameElement>("flame-graph")!.stats());
  }

  frameAt(x: number, y: number): Promise<FrameHit | null> {
    return this.page.evaluate(([px, py]) => document.querySelector<FlameElement>("flame-graph")!.frameAt(px, py), [x, y]);
  }

  /** Middle of a frame, in pixels of the page. */
  async centre(path: string): Promise<{ x: number; y: number }> {
    await this.settled();
    const rect = await this.rectOf(path);
    expect(rect, `${path} is in view`).not.toBeNull();
    const host = await this.page.locator("flame-graph").boundingBox();
    return { x: host!.x + rect!.x + rect!.width / 2, y: host!.y + rect!.y + rect!.height / 2 };
  }

  async click(path: string): Promise<void> {
    const { x, y } = await this.centre(path);
    await this.page.mouse.click(x, y);
  }

  async doubleClick(path: string): Promise<void> {
    const { x, y } = await this.centre(path);
    await this.page.mouse.dblclick(x, y);
  }

  async hover(path: string): Promise<void> {
    const { x, y } = await this.centre(path);
    await this.page.mouse.move(x, y);
  }

  /** Path and colour of frames that are wide enough to have a middle free of letters. */
  async visibleFrames(): Promise<{ path: string; expected: string; drawn: string }[]> {
    await this.settled();
    return this.page.evaluate(() => {
      const flame = document.querySelector<FlameElement>("flame-graph")!;
      const canvas = flame.querySelector("canvas")!;
      const context = canvas.getContext("2d")!;
      const { width, height, scale } = flame.stats();
      const frames = new Map<string, { path: string; expected: string; drawn: string }>();
      for (let y = 10; y < height; y += 20) {
        for (let x = 2; x < width; x += 6) {
          const hit = flame.frameAt(x, y);
          if (!hit || hit.count > 1) continue;
          const path = hit.path.join(";");
          if (frames.has(path)) continue;
          const rect = flame.rectOf(hit.path);
          // The last row may be cut by the lower edge.
          if (!rect || rect.width < 6 || rect.y + 18 > height || /other|\[/.test(hit.name)) continue;
          // Near the lower left corner: below the letters, beside the edge.
          const [r, g, b] = context.getImageData(Math.round((rect.x + 2) * scale), Math.round((rect.y + 17) * scale), 1, 1).data;
          const drawn = `#${[r, g, b].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
          frames.set(path, { path, expected: flame.colourOf(hit.path)!, drawn });
        }
      }
      return [...frames.values()];
    });
  }
}
