import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Flame } from "./flame.ts";
import { MockServer, UI } from "./server.ts";

/** Budget of the design for the first flame graph after load, in milliseconds. */
const BUDGET = 1000;
const ROUNDS = 7;

/** Budget of what must be there before the page can start: gzipped bytes. */
const LOAD_BUDGET = 60 * 1024;

test("bytes of the first load", () => {
  const html = readFileSync(join(UI, "index.html"), "utf8");
  const initial = ["index.html", ...[...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map((match) => match[1])];
  const bytes = initial.reduce((sum, name) => sum + statSync(join(UI, `${name}.gz`)).size, 0);
  const all = readdirSync(join(UI, "assets")).filter((name) => name.endsWith(".gz")).reduce((sum, name) => sum + statSync(join(UI, "assets", name)).size, 0);
  console.log(`first load ${bytes} bytes gzipped, with the chart that comes after it ${all}; budget ${LOAD_BUDGET}`);
  console.log(`RATIO page.first-load-to-budget ${(bytes / LOAD_BUDGET).toFixed(3)}`);
  expect(bytes).toBeLessThan(LOAD_BUDGET);
});

test("first flame graph", async ({ browser }) => {
  const server = process.env.FLAREPATH_URL ? null : new MockServer();
  server?.reset({ nodes: 16_384 });
  const url = process.env.FLAREPATH_URL ?? (await server!.start());
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${url.replace(/\/$/, "")}/#/explore?v=1&from=now-15m&live=0`);
    await new Flame(page).settled();
    // The page's own clock: from the start of its navigation, without the time that this process takes.
    times.push(await page.evaluate(() => performance.getEntriesByName("flarepath-first-picture")[0].startTime));
    await context.close();
  }
  await server?.stop();
  times.sort((a, b) => a - b);
  const median = times[Math.floor(ROUNDS / 2)];
  console.log(
    `first flame graph after ${median.toFixed(0)} ms (median of ${ROUNDS}, ${times[0].toFixed(0)} to ${times[ROUNDS - 1].toFixed(0)}); ` +
      `budget ${BUDGET} ms, ratio ${(median / BUDGET).toFixed(2)}`,
  );
  console.log(`RATIO page.first-flame-graph-to-budget ${(median / BUDGET).toFixed(3)}`);
  expect(median).toBeLessThan(BUDGET * 1.1);
});
