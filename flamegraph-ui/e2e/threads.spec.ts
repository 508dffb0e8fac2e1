import { expect, type Page } from "@playwright/test";
import { madeUpOnly, test } from "./fixture.ts";

madeUpOnly();

const CHECKOUT = "#/explore?v=1&q={service_name%3D%22checkout%22}&from=1700000000000&to=1700000060000";
const section = (page: Page) => page.getByRole("region", { name: "Threads over time" });
const picture = (page: Page) => section(page).locator("canvas");
const drawnQueries = (requests: string[]) => requests.filter((request) => request.includes("/flamegraph?")).map((request) => new URLSearchParams(request.split("?")[1]));

async function shown(page: Page) {
  await section(page).getByRole("button", { name: "Threads" }).click();
  await expect(section(page).getByRole("listitem")).toHaveCount(4);
}

test("threads are asked for when they are unfolded, in the address", async ({ page, open, flame, server }) => {
  await open(CHECKOUT);
  await flame.settled();
  expect(server.requests.filter((request) => request.includes("/threads?"))).toEqual([]);
  await shown(page);
  await expect(page).toHaveURL(/threads=1/);
  await expect(section(page)).toContainText("3 more threads took 5.00 s together.");
  await page.reload();
  await expect(section(page).getByRole("listitem")).toHaveCount(4);
});

test("cells lie below the same moments of the courses above", async ({ page, open, flame }) => {
  await open(CHECKOUT);
  await flame.settled();
  await shown(page);
  const [chart, map] = await Promise.all([page.locator(".course .u-over").first().boundingBox(), picture(page).boundingBox()]);
  expect(Math.abs(chart!.x - map!.x)).toBeLessThanOrEqual(1);
  expect(Math.abs(chart!.width - map!.width)).toBeLessThanOrEqual(1);
  // The first thread is busy in the first quarter, the second in the second.
  const inked = await picture(page).evaluate((canvas: HTMLCanvasElement) => {
    const scale = canvas.width / canvas.clientWidth;
    const context = canvas.getContext("2d")!;
    const at = (share: number, row: number) => context.getImageData(Math.round(canvas.clientWidth * share * scale), Math.round((row * 16 + 8) * scale), 1, 1).data[3] > 0;
    return [at(0.2, 0), at(0.3, 0), at(0.2, 1), at(0.3, 1)];
  });
  expect(inked).toEqual([true, false, false, true]);
});

test("a rectangle of time and threads becomes what the flame graph is of, and can be taken off", async ({ page, open, flame, server }) => {
  await open(CHECKOUT);
  await flame.settled();
  await shown(page);
  const box = (await picture(page).boundingBox())!;
  server.requests = [];
  await page.mouse.move(box.x + box.width * 0.5, box.y + 24);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => drawnQueries(server.requests).length).toBe(1);
  const [query] = drawnQueries(server.requests);
  expect(query.get("fine")).toBe("true");
  expect(query.getAll("thread")).toEqual(["4712", "4720"]);
  expect(Math.abs(Number(query.get("from")) - 1700000030000)).toBeLessThanOrEqual(200);
  expect(Math.abs(Number(query.get("until")) - 1700000045000)).toBeLessThanOrEqual(200);
  await expect(section(page)).toContainText("vert.x-eventloop-thread-1 4712, G1 Conc#0 4720");
  await flame.settled();

  const address = page.url();
  await page.goto("about:blank");
  server.requests = [];
  await page.goto(address);
  await flame.settled();
  expect(drawnQueries(server.requests).map((one) => one.getAll("thread"))).toEqual([["4712", "4720"]]);

  await section(page).getByRole("button", { name: "take off: part of time and threads" }).click();
  await expect(page).not.toHaveURL(/part=/);
  await expect.poll(() => drawnQueries(server.requests).at(-1)?.has("fine")).toBe(false);
});

test("a thread is chosen by the keyboard, by its name where it has no number", async ({ page, open, flame, server }) => {
  await open(CHECKOUT);
  await flame.settled();
  await shown(page);
  server.requests = [];
  await section(page).getByRole("button", { name: "pool" }).press("Enter");
  await expect.poll(() => drawnQueries(server.requests).length).toBe(1);
  const [query] = drawnQueries(server.requests);
  expect([query.getAll("thread"), query.getAll("threadName")]).toEqual([[], ["pool"]]);
  expect([query.get("from"), query.get("until")]).toEqual(["1700000000000", "1700000060000"]);
  await section(page).getByRole("button", { name: "zoom" }).click();
  await expect(page).toHaveURL(/from=1700000000000&to=1700000060000/);
  await expect(page).not.toHaveURL(/part=/);
});

test("pointing at a cell tells when, who and how much", async ({ page, open, flame }) => {
  await open(CHECKOUT);
  await flame.settled();
  await shown(page);
  const box = (await picture(page).boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.6, box.y + 40);
  await expect(section(page).locator(".chart-readout")).toHaveText(/^\d\d:\d\d:\d\d\.\d  G1 Conc#0 4720  0\.800 cores$/);
});

test("where samples do not say when, that is said", async ({ page, open, flame, server }) => {
  server.reset({ noTimes: true });
  await open(`${CHECKOUT}&threads=1`);
  await flame.settled();
  await expect(section(page)).toContainText("their samples did not say when they were taken");
});
