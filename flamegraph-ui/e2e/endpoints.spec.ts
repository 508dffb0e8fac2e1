import { expect, type Page } from "@playwright/test";
import { madeUpOnly, test } from "./fixture.ts";

madeUpOnly();

const rows = (page: Page) => page.locator(".rows-body .endpoint-row");
const column = (page: Page, i: number) => rows(page).evaluateAll((all, at) => all.map((row) => row.children[at].textContent), i);
const params = (page: Page) => new URLSearchParams(new URL(page.url()).hash.split("?")[1]);
const head = (page: Page, name: string) => page.getByRole("columnheader", { name });
/** The last questions: the one over time, and the one by endpoint. */
const asked = (requests: string[]) => {
  const all = requests.filter((request) => request.startsWith("/api/v1/requests")).map((request) => new URLSearchParams(request.split("?")[1]));
  return [all.filter((query) => !query.has("groupBy")).at(-1)!, all.filter((query) => query.has("groupBy")).at(-1)!];
};

test("lists what the chosen service is asked for, most first", async ({ page, open, server }) => {
  await open("#/explore?v=1&q={service_name%3D%22checkout%22}&from=now-1h&to=now");
  await page.getByRole("navigation", { name: "Pages" }).getByRole("button", { name: "Endpoints" }).click();
  await expect(page).toHaveURL(/#\/endpoints\?.*from=now-1h/);
  await expect(page).toHaveTitle("Endpoints · Flarepath");
  await expect(rows(page)).toHaveCount(3);
  const cells = rows(page).first().getByRole("cell");
  await expect(cells).toHaveText(["checkout", "http", "GET", "/cart/{id}", "90.0", "0%", "12.0 ms", "36.0 ms", "96.0 ms", "callsflame graph"]);
  await expect(rows(page).nth(1).getByRole("cell").nth(5)).toHaveText("2.0%");
  await expect(rows(page).nth(2)).toContainText("Shop/Buy");
  await expect(page.locator(".totals")).toContainText("134 requests/s");
  await expect(page.locator(".totals")).toContainText("counted by flarepath");
  const [total, routes] = asked(server.requests);
  expect(total.getAll("groupBy")).toEqual([]);
  expect(routes.getAll("groupBy")).toEqual(["route", "service_name"]);
  for (const query of [total, routes]) expect([query.get("role"), query.get("query")]).toEqual(["server", '{service_name="checkout"}']);
  await expect(page.locator(".courses .chart-host canvas")).toHaveCount(3);
});

test("is ordered by any column with the keyboard, in the address", async ({ page, open }) => {
  await open("#/endpoints?v=1");
  await expect(rows(page)).toHaveCount(5);
  await expect(head(page, "rate")).toHaveAttribute("aria-sort", "descending");
  await head(page, "p99").getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/order=p99/);
  await expect.poll(() => column(page, 8)).toEqual(["960 ms", "400 ms", "96.0 ms", "6.40 ms", "800 µs"]);
  await page.keyboard.press("Enter");
  await expect(head(page, "p99")).toHaveAttribute("aria-sort", "ascending");
  await page.reload();
  await expect(rows(page)).toHaveCount(5);
  await expect.poll(() => column(page, 8)).toEqual(["800 µs", "6.40 ms", "96.0 ms", "400 ms", "960 ms"]);
  await head(page, "route").getByRole("button").press("Enter");
  await expect.poll(() => column(page, 3)).toEqual(["/cart/{id}", "/checkout", "Shop/Buy", "orders", "(no route)"]);
  await page.keyboard.press("/");
  await page.keyboard.type("cart");
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByText("1 of 5 endpoints")).toBeVisible();
});

test("is of those who ask when that is wanted", async ({ page, open, server }) => {
  await open("#/endpoints?v=1");
  await expect(rows(page)).toHaveCount(5);
  await page.getByRole("group", { name: "Requests" }).getByRole("button", { name: "sent" }).click();
  await expect(page).toHaveURL(/role=client/);
  await expect(rows(page)).toHaveCount(3);
  expect(asked(server.requests).map((query) => query.get("role"))).toEqual(["client", "client"]);
  await page.goBack();
  await expect(rows(page)).toHaveCount(5);
});

test("has rate, errors and the 99th percentile over time; a drag on any is the range of all", async ({ page, open, server }) => {
  await open("#/endpoints?v=1&from=now-1h&to=now");
  for (const name of [/^Rate.*at most 1034 requests\/s/, /^Errors.*at most 0\.15% failed/, /^99th percentile.*at most 960 ms p99/]) {
    await expect(page.getByRole("figure", { name }).locator("canvas")).toBeVisible();
  }
  const chart = (await page.getByRole("figure", { name: /^99th/ }).locator(".u-over").boundingBox())!;
  await page.mouse.move(chart.x + 60, chart.y + 40);
  await page.mouse.down();
  await page.mouse.move(chart.x + 180, chart.y + 40, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/#\/endpoints\?.*from=\d{13}&to=\d{13}/);
  const { from, to } = Object.fromEntries(params(page));
  await expect.poll(() => asked(server.requests).map((query) => [query.get("from"), query.get("until")])).toEqual([[from, to], [from, to]]);
});

test("leads from a row to the flame graph of its service in the same time", async ({ page, open, flame, server }) => {
  const until = Date.now() - 600_000;
  await open(`#/endpoints?v=1&q={http.route%3D%22/checkout%22}&from=${until - 600_000}&to=${until}`);
  await page.getByRole("link", { name: "flame graph of checkout" }).first().focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#\/explore/);
  expect(params(page).get("q")).toBe('{service_name="checkout"}');
  await flame.settled();
  const drawn = new URLSearchParams(server.requests.filter((request) => request.includes("/flamegraph")).at(-1)!.split("?")[1]);
  expect([drawn.get("query"), drawn.get("from"), drawn.get("until")]).toEqual(['{service_name="checkout"}', String(until - 600_000), String(until)]);
  await page.goBack();
  await expect(rows(page)).toHaveCount(5);
});

test("narrows to the service of a row", async ({ page, open }) => {
  await open("#/endpoints?v=1");
  await rows(page).getByRole("button", { name: "postgresql" }).click();
  await expect(rows(page)).toHaveCount(1);
  expect(params(page).get("q")).toBe('{service_name="postgresql"}');
});

for (const [reason, heading, action, leads] of [
  ["no-requests-known", "No requests have been counted yet", "Show requests sent", /role=client/],
  ["no-series", "No requests carry these labels", "Show all services", /endpoints\?v=1&from/],
  ["no-requests-in-range", "No requests in this time range", "Widen to 24h", /from=now-24h/],
] as const) {
  test(`says why there is nothing: ${reason}`, async ({ page, open, server }) => {
    server.reset({ noRequests: reason });
    await open("#/endpoints?v=1&q={service_name%3D%22checkout%22}&from=now-1h&to=now");
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
    await expect(page.getByText(`the service says ${reason}`)).toBeVisible();
    await expect(rows(page)).toHaveCount(0);
    server.scene.noRequests = "";
    await page.getByRole("button", { name: action }).click();
    await expect(page).toHaveURL(leads);
    await expect(rows(page).first()).toBeVisible();
  });
}

test("says that the service failed, and asks again", async ({ page, open, server }) => {
  server.reset({ status: 503 });
  await open("#/endpoints?v=1");
  await expect(page.getByText("The service failed")).toBeVisible();
  server.scene.status = 200;
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(rows(page)).toHaveCount(5);
});
