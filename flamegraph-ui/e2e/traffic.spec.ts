import { expect, type Page } from "@playwright/test";
import { madeUpOnly, test } from "./fixture.ts";

madeUpOnly();

const lanes = (page: Page) => page.getByRole("region", { name: "Requests and network" });
const params = (page: Page) => new URLSearchParams(new URL(page.url()).hash.split("?")[1]);
const CHECKOUT = "#/explore?v=1&q={service_name%3D%22checkout%22}&from=now-1h&to=now";

test("requests and the network stand below the profile's course, on the same axis", async ({ page, open, flame, server }) => {
  await open(CHECKOUT);
  await flame.settled();
  for (const name of [/^Requests over time, at most 134 requests\/s/, /^Latency over time, at most 960 ms/, /^Bytes over time, at most 39\.1 KiB a second/, /^Retransmits and failed connects over time, at most 0\.300 a second/]) {
    await expect(lanes(page).getByRole("figure", { name }).locator("canvas")).toBeVisible();
  }
  const left = await page.locator(".course .u-over").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().left));
  expect(left).toHaveLength(5);
  expect(new Set(left).size).toBe(1);
  const asked = server.requests.filter((request) => /\/(requests|edges)\?/.test(request)).map((request) => new URLSearchParams(request.split("?")[1]).get("query"));
  expect(new Set(asked)).toEqual(new Set(['{service_name="checkout"}']));
});

test("a part drawn in any of them is drawn in all, and is the range once", async ({ page, open, flame }) => {
  await open(CHECKOUT);
  await flame.settled();
  await expect(lanes(page).locator("canvas")).toHaveCount(4);
  const before = await page.evaluate(() => history.length);
  const chart = (await lanes(page).locator(".u-over").nth(2).boundingBox())!;
  await page.mouse.move(chart.x + 200, chart.y + 20);
  await page.mouse.down();
  await page.mouse.move(chart.x + 320, chart.y + 20, { steps: 4 });
  const drawn = await page.locator(".course .u-select").evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().width)));
  expect(drawn).toEqual([120, 120, 120, 120, 120]);
  await page.mouse.up();
  await expect(page).toHaveURL(/from=\d{13}&to=\d{13}/);
  expect(await page.evaluate(() => history.length)).toBe(before + 1);
});

test("pointing at one tells the same moment of all", async ({ page, open, flame }) => {
  await open(CHECKOUT);
  await flame.settled();
  await expect(lanes(page).locator("canvas")).toHaveCount(4);
  await lanes(page).locator(".u-over").first().hover({ position: { x: 300, y: 20 } });
  const told = page.locator(".chart-readout");
  await expect(told.nth(1)).toContainText(/^\d\d:\d\d:\d\d  134 · failed 1\.55 requests\/s$/);
  await expect(told.nth(2)).toContainText("p99 960 ms · p50 120 ms");
  await expect(told.nth(4)).toContainText("retransmits 0.300 · failed connects 0 a second");
});

test("they fold away, in the address, and then nothing is asked for", async ({ page, open, flame, server }) => {
  await open(CHECKOUT);
  await flame.settled();
  await lanes(page).getByRole("button", { name: "Requests and network" }).click();
  await expect(page).toHaveURL(/traffic=0/);
  await expect(lanes(page).locator("canvas")).toHaveCount(0);
  server.requests = [];
  await page.reload();
  await flame.settled();
  await expect(lanes(page).getByRole("button")).toHaveAttribute("aria-expanded", "false");
  expect(server.requests.filter((request) => /\/(requests|edges)\?/.test(request))).toEqual([]);
  await lanes(page).getByRole("button").press("Enter");
  await expect(lanes(page).locator("canvas")).toHaveCount(4);
  expect(params(page).has("traffic")).toBe(false);
});

test("they are not there where nothing is known of them, and half where half is", async ({ page, open, flame, server }) => {
  server.reset({ noRequests: "no-requests-known", noNetwork: "no-network-known" });
  await open(CHECKOUT);
  await flame.settled();
  await expect.poll(() => server.requests.filter((request) => request.includes("/requests?")).length).toBeGreaterThan(1);
  await expect(lanes(page)).toHaveCount(0);
  server.scene.noNetwork = "";
  await page.keyboard.press("r");
  await expect(lanes(page).locator("canvas")).toHaveCount(2);
});

test("a service that answers none has those that it sends", async ({ page, open, flame }) => {
  await open("#/explore?v=1&q={service_name%3D%22caller%22}&from=now-1h&to=now");
  await flame.settled();
  await expect(lanes(page).getByRole("figure", { name: /^Requests over time, at most 5\.00 requests sent/ })).toBeVisible();
});
