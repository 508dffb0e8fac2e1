import { expect, test } from "@playwright/test";
import { Flame } from "./flame.ts";
import { MockServer } from "./server.ts";

// What must hold against any service with profiles: set FLAREPATH_URL to point it at a real one.
let url = process.env.FLAREPATH_URL ?? "";
let mock: MockServer | null = null;

test.beforeAll(async () => {
  if (url !== "") return;
  mock = new MockServer();
  url = await mock.start();
});
test.afterAll(async () => mock?.stop());

const at = (hash: string) => `${url.replace(/\/$/, "")}/${hash}`;

test("smoke: the page shows a flame graph within a second of its load", async ({ page }) => {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  const flame = new Flame(page);
  const started = Date.now();
  await page.goto(at("#/explore?v=1&from=now-15m"));
  await flame.settled();
  console.log(`first flame graph after ${Date.now() - started} ms`);
  const { rects } = await flame.stats();
  expect(rects).toBeGreaterThan(1);
  await expect(page.locator(".service").nth(1)).toBeVisible();
  await expect(page.locator(".totals")).toContainText("cores");
  const frames = await flame.visibleFrames();
  expect(frames.filter(({ expected, drawn }) => expected !== drawn)).toEqual([]);
  expect(problems).toEqual([]);
});

test("smoke: a service, a zoom and a link to it", async ({ page }) => {
  const flame = new Flame(page);
  await page.goto(at("#/explore?v=1&from=now-15m"));
  await flame.settled();
  await page.locator(".service").nth(1).click();
  await expect(page).toHaveURL(/service_name/);
  await flame.settled();
  const frame = await flame.frameAt(20, 30);
  expect(frame).not.toBeNull();
  await page.locator("flame-graph").dblclick({ position: { x: 20, y: 30 } });
  await expect(page).toHaveURL(/zoom=/);
  await page.reload();
  await flame.settled();
  await expect(page.locator(".way li")).not.toHaveCount(1);
});

test("smoke: a comparison with the time before", async ({ page }) => {
  const flame = new Flame(page);
  await page.goto(at("#/explore?v=1&from=now-5m"));
  await flame.settled();
  await page.keyboard.press("c");
  await expect(page.locator(".basis-name, .empty, .notice-warning").first()).toBeVisible();
});

test("smoke: a map of services, or the reason why there is none", async ({ page }) => {
  await page.goto(at("#/map?v=1&from=now-15m"));
  await expect(page.locator("svg.map [data-node], .empty p").first()).toBeVisible();
  await expect(page.locator(".failure")).toHaveCount(0);
});
