import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "../target/classes/META-INF/flarepath-ui");
const BUDGET = 60 * 1024;

describe.skipIf(!existsSync(join(folder, "index.html")))("the built page", () => {
  it("needs less than 60 KiB, gzipped, for its first load", () => {
    const html = readFileSync(join(folder, "index.html"), "utf8");
    const initial = ["index.html", ...[...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map((match) => match[1])];
    const sizes = initial.map((name) => [name, gzipSync(readFileSync(join(folder, name)), { level: 9 }).length] as const);
    const sum = sizes.reduce((total, [, size]) => total + size, 0);
    console.log(`first load, gzipped: ${(sum / 1024).toFixed(1)} KiB of 60`, Object.fromEntries(sizes));
    expect(initial.some((name) => name.endsWith(".js"))).toBe(true);
    expect(sum).toBeLessThan(BUDGET);
  });

  it("has nothing inline and nothing from another host", () => {
    const html = readFileSync(join(folder, "index.html"), "utf8");
    expect(html).not.toMatch(/<style|style=|<script>|https?:/);
  });

  it("has a compressed sibling for every text file", () => {
    const files = readdirSync(folder, { recursive: true }).map(String);
    const text = files.filter((name) => /\.(html|js|css|svg)$/.test(name));
    for (const name of text) expect(files).toContain(`${name}.gz`);
  });
});
