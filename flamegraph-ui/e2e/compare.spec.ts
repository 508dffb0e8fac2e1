import { expect, type Page } from "@playwright/test";
import { madeUpOnly, RENDER, test } from "./fixture.ts";

madeUpOnly();

const MINUTE = 60e3;

/** Two hours, one after the other, on whole ten seconds. */
function hash(more = ""): string {
  const now = Math.floor(Date.now() / 10e3) * 10e3 - 10 * MINUTE;
  return `#/compare?v=1&from=${now - 120 * MINUTE}&to=${now - 60 * MINUTE}&fromB=${now - 60 * MINUTE}&toB=${now}${more}`;
}

const params = (page: Page) => new URLSearchParams(new URL(page.url()).hash.split("?")[1]);
const handle = (page: Page, name: string) => page.getByRole("slider", { name });
const rows = (page: Page) => page.locator(".rows-body .change-row");

test("says which side is the baseline", async ({ page, open, flame }) => {
  await open(hash());
  await flame.settled();
  await expect(page.locator(".wording")).toHaveText("A is the baseline. B is compared with it: “more” and + mean more in B than in A.");
  await expect(page.getByRole("region", { name: "Side A" })).toContainText("baseline");
  await expect(page.getByRole("region", { name: "Side B" })).toContainText("compared");
  await expect(page.getByRole("region", { name: "Side A" })).toContainText("complete 100%");
  await expect(page.getByRole("region", { name: "Side B" })).toContainText("complete 92.0%");
  await expect(page.getByRole("region", { name: "Side B" }).getByText("complete 92.0%")).toHaveAttribute("title", /8\.0% \[no frame pointer\]/);
  await flame.hover(RENDER);
  await expect(page.getByRole("tooltip")).toContainText("more in B than in the baseline A");
});

test.describe("the timeline", () => {
  test("moves the ends and the whole of a side by the mouse", async ({ page, open, flame, server }) => {
    await open(hash());
    await flame.settled();
    const before = params(page);
    const drag = async (name: string, by: number) => {
      const box = (await handle(page, name).boundingBox())!;
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + by / 2, y);
      await page.mouse.move(x + by, y);
      await page.mouse.up();
    };
    await drag("start of A, the baseline", 100);
    await expect.poll(() => Number(params(page).get("from"))).toBeGreaterThan(Number(before.get("from")) + 5 * MINUTE);
    expect(params(page).get("to")).toBe(before.get("to"));
    expect(Number(params(page).get("from")) % 10_000).toBe(0);
    await drag("end of B, compared with it", -120);
    await expect.poll(() => Number(params(page).get("toB"))).toBeLessThan(Number(before.get("toB")) - 5 * MINUTE);
    const length = Number(params(page).get("to")) - Number(params(page).get("from"));
    await drag("all of A, the baseline", -60);
    await expect.poll(() => params(page).get("to")).not.toBe(before.get("to"));
    expect(Number(params(page).get("to")) - Number(params(page).get("from"))).toBe(length);
    const last = server.requests.filter((request) => request.includes("/diff")).at(-1)!;
    expect(last).toContain(`fromA=${params(page).get("from")}`);
    await page.goBack();
    await expect.poll(() => params(page).get("to")).toBe(before.get("to"));
  });

  test("moves them by keys, in order and not beyond now", async ({ page, open, flame }) => {
    await open(hash());
    await flame.settled();
    const before = params(page);
    await handle(page, "start of B, compared with it").focus();
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => Number(params(page).get("fromB"))).toBeLessThan(Number(before.get("fromB")));
    await expect(handle(page, "start of B, compared with it")).toBeFocused();
    await handle(page, "end of B, compared with it").focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press("Shift+ArrowRight");
    expect(Number(params(page).get("toB"))).toBeLessThanOrEqual(Date.now());
    expect(Number(params(page).get("toB"))).toBeGreaterThan(Number(before.get("toB")));
    await handle(page, "end of A, the baseline").focus();
    for (let i = 0; i < 20; i++) await page.keyboard.press("Shift+ArrowLeft");
    expect(Number(params(page).get("to"))).toBe(Number(params(page).get("from")) + 10_000);
  });

  test("is as long as wanted, in the address", async ({ page, open, flame, server }) => {
    await open(hash());
    await flame.settled();
    await page.getByRole("combobox", { name: "timeline" }).selectOption("24h");
    await expect(page).toHaveURL(/timeline=24h/);
    await expect.poll(() => {
      const query = new URLSearchParams(server.requests.filter((request) => request.includes("/series")).at(-1)?.split("?")[1]);
      return Number(query.get("until")) - Number(query.get("from"));
    }).toBeGreaterThanOrEqual(24 * 60 * MINUTE);
  });

  test("draws both courses when the sides have different labels", async ({ page, open, flame }) => {
    await open(hash("&q={service_name%3D%22cart%22}&qB={service_name%3D%22search%22}"));
    await flame.settled();
    await expect(page.locator(".timeline-a")).toHaveCount(1);
    await expect(page.locator(".timeline-b")).toHaveCount(1);
  });
});

test.describe("what is shown", () => {
  test("is what is new, what is gone, or what has changed", async ({ page, open, flame }) => {
    await open(hash());
    await flame.settled();
    const show = page.getByRole("group", { name: "Show" });
    const depth = "com/shop/json/Json.checkDepth";
    const cache = "com/shop/page/Cache.get";
    const PARSE = `${RENDER};com/shop/json/Json.parse`;
    const TEMPLATE = `${RENDER};com/shop/page/Template.apply`;
    await show.getByRole("button", { name: "only B" }).click();
    await expect(page).toHaveURL(/show=b/);
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText("checkDepth");
    await flame.settled();
    // What is new fills the picture.
    expect((await flame.rectOf(`${PARSE};${depth}`))!.width).toBeCloseTo((await flame.stats()).width, 0);
    expect(await flame.rectOf(`${TEMPLATE};${cache}`)).toBeNull();
    await show.getByRole("button", { name: "only A" }).click();
    await expect(rows(page)).toContainText("Cache.get");
    await expect(rows(page)).toHaveCount(1);
    await flame.settled();
    expect(await flame.rectOf(`${TEMPLATE};${cache}`)).not.toBeNull();
    await show.getByRole("button", { name: "changed" }).click();
    await flame.settled();
    expect(await flame.rectOf(`${PARSE};${depth}`)).not.toBeNull();
    expect(await flame.rectOf("runtime.goexit")).toBeNull();
    for (const row of await rows(page).all()) await expect(row).not.toContainText("net/http");
    await show.getByRole("button", { name: "all", exact: true }).click();
    await expect.poll(() => flame.rectOf("runtime.goexit")).not.toBeNull();
  });

  test("is said when there is nothing of it", async ({ page, open, flame }) => {
    await open(hash("&show=b&f=drop%3Acom/shop/json/Json.checkDepth"));
    await expect(page.getByRole("heading", { name: "Nothing is only in B" })).toBeVisible();
    await page.getByRole("button", { name: "Show all" }).click();
    await flame.settled();
    expect((await flame.stats()).rects).toBeGreaterThan(10);
  });
});

test.describe("the table of changes", () => {
  test("has both sides and the difference per second and in share, largest first", async ({ page, open, flame }) => {
    await open(hash());
    await flame.settled();
    for (const head of ["A base", "B", "B−A cores ↓", "B−A share"]) await expect(page.getByRole("columnheader", { name: head, exact: true })).toBeVisible();
    const first = rows(page).first().getByRole("cell");
    await expect(first.nth(0)).toContainText("com.shop.json.Json");
    await expect(first.nth(1)).toHaveText("0.407");
    await expect(first.nth(2)).toHaveText("0.881");
    await expect(first.nth(3)).toContainText("+0.474");
    await expect(first.nth(4)).toHaveText("+16.0%");
  });

  test("sorts by any column, in the address", async ({ page, open, flame }) => {
    await open(hash());
    await flame.settled();
    const sort = (name: RegExp) => page.getByRole("columnheader", { name }).getByRole("button").click();
    await sort(/^A base/);
    await expect(page).toHaveURL(/by=a/);
    const numbers = async (cell: number) => Promise.all((await rows(page).all()).slice(0, 8).map(async (row) => Number((await row.getByRole("cell").nth(cell).textContent())!.replace(/[^\d.]/g, ""))));
    const a = await numbers(1);
    expect(a).toEqual([...a].sort((x, y) => y - x));
    expect(a[0]).toBeGreaterThan(a[7]);
    await sort(/^B −|^B(?!−)/);
    const b = await numbers(2);
    expect(b).toEqual([...b].sort((x, y) => y - x));
    await sort(/^function/);
    await expect(page.getByRole("columnheader", { name: /^function/ })).toHaveAttribute("aria-sort", "ascending");
    await sort(/share/);
    await expect(rows(page).first()).toContainText("16.0%");
  });

  test("leads to the callers and callees of both sides", async ({ page, open, flame }) => {
    await open(hash());
    await flame.settled();
    await page.getByRole("button", { name: "callers and callees of com.shop.json.Json.parse" }).click();
    await expect(page.locator("flame-graph")).toHaveCount(2);
    await expect(page.locator(".sandwich-line")).toContainText(/total A→B 0\.\d+ → 1\.\d+ cores/);
  });
});
