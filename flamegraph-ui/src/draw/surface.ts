import { css, type Colour } from "./palette";

/**
 * What a flame graph is drawn on. Units are device pixels. Rows are opened, filled with spans and
 * closed; stripes and text come after all rows.
 */
export interface Surface {
  begin(width: number, height: number, background: Colour): void;
  row(y: number, height: number): void;
  span(x0: number, x1: number, colour: Colour): void;
  endRow(): void;
  stripes(x0: number, x1: number, y: number, height: number, colour: Colour): void;
  /** Everything but text is done. */
  flush(): void;
  text(text: string, x: number, baseline: number, colour: Colour): void;
  /** Advance of a text in device pixels. */
  measure(text: string): number;
}

/** One call of a recorded surface. */
export type Call =
  | { call: "span"; x0: number; x1: number; y: number; height: number; colour: Colour }
  | { call: "stripes"; x0: number; x1: number; y: number; height: number; colour: Colour }
  | { call: "text"; text: string; x: number; y: number; colour: Colour };

/** Keeps what would be drawn; every character is as wide as given. */
export class RecordingSurface implements Surface {
  calls: Call[] = [];
  background: Colour = 0;
  private y = 0;
  private height = 0;

  constructor(private readonly characterWidth = 7) {}

  begin(_width: number, _height: number, background: Colour): void {
    this.calls = [];
    this.background = background;
  }

  row(y: number, height: number): void {
    this.y = y;
    this.height = height;
  }

  span(x0: number, x1: number, colour: Colour): void {
    this.calls.push({ call: "span", x0, x1, y: this.y, height: this.height, colour });
  }

  endRow(): void {}

  stripes(x0: number, x1: number, y: number, height: number, colour: Colour): void {
    this.calls.push({ call: "stripes", x0, x1, y, height, colour });
  }

  flush(): void {}

  text(text: string, x: number, y: number, colour: Colour): void {
    this.calls.push({ call: "text", text, x, y, colour });
  }

  measure(text: string): number {
    return text.length * this.characterWidth;
  }
}

/** Distance and width of stripes. */
const STRIPE_PERIOD = 8;
const STRIPE_WIDTH = 2;

/**
 * Draws into pixels of its own and hands them to the canvas at once. One scanline of a row is
 * filled and copied down, which costs the same for ten thousand frames as for ten.
 */
export class CanvasSurface implements Surface {
  private image: ImageData;
  private pixels: Uint32Array;
  private y = 0;
  private bottom = 0;
  private readonly advances = new Float64Array(128);

  constructor(private readonly context: CanvasRenderingContext2D) {
    this.image = context.createImageData(1, 1);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** Sets the font for text and measures; call after each change of the canvas's size. */
  setFont(font: string): void {
    this.context.font = font;
    this.context.textBaseline = "alphabetic";
    for (let code = 32; code < 127; code++) {
      this.advances[code] = this.context.measureText(String.fromCharCode(code)).width;
    }
  }

  begin(width: number, height: number, background: Colour): void {
    if (this.image.width !== width || this.image.height !== height) {
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    this.pixels.fill(pixel(background));
  }

  row(y: number, height: number): void {
    this.y = Math.max(0, y);
    this.bottom = Math.min(this.image.height, y + height);
  }

  span(x0: number, x1: number, colour: Colour): void {
    if (this.bottom <= this.y) return;
    const start = this.y * this.image.width;
    const end = start + Math.min(this.image.width, x1);
    const value = pixel(colour);
    for (let i = start + Math.max(0, x0); i < end; i++) this.pixels[i] = value;
  }

  endRow(): void {
    const width = this.image.width;
    const start = this.y * width;
    for (let y = this.y + 1; y < this.bottom; y++) this.pixels.copyWithin(y * width, start, start + width);
  }

  stripes(x0: number, x1: number, y: number, height: number, colour: Colour): void {
    const value = pixel(colour);
    const width = this.image.width;
    const right = Math.min(width, x1);
    const bottom = Math.min(this.image.height, y + height);
    for (let line = Math.max(0, y); line < bottom; line++) {
      for (let x = Math.max(0, x0); x < right; x++) {
        if ((x + line) % STRIPE_PERIOD < STRIPE_WIDTH) this.pixels[line * width + x] = value;
      }
    }
  }

  flush(): void {
    this.context.putImageData(this.image, 0, 0);
  }

  text(text: string, x: number, baseline: number, colour: Colour): void {
    const style = css(colour);
    if (this.context.fillStyle !== style) this.context.fillStyle = style;
    this.context.fillText(text, x, baseline);
  }

  measure(text: string): number {
    let width = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      // Beyond ASCII a wide guess is enough: a label may end early, it must not run out of its frame.
      width += code < 127 ? this.advances[code] : this.advances[87];
    }
    return width;
  }
}

/** A colour as ImageData has it on little-endian machines: ABGR, opaque. */
function pixel(colour: Colour): number {
  return (0xff000000 | ((colour & 0xff) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0;
}
