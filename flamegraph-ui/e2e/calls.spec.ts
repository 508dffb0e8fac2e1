import { expect, type Page } from "@playwright/test";
import { madeUpOnly, test } from "./fixture.ts";

madeUpOnly();

const rows = (page: Page) => page.locator(".rows-body .call-row");
const table = (page: Page) => page.getByRole("table", { name: /^Calls/ });
const filters = (page: Page) => page.getByRole("group", { name: "call filters" });
const detail = (page: Page) => page.getByRole("complementary", { name: "Call" });
const params = (page: Page) => new URLSearchParams(new URL(page.url()).hash.split("?")[1]);
const asked = (requests: string[]) => new URLSearchParams(requests.filter((request) => request.startsWith("/api/v1/calls")).at(-1)!.split("?")[1]);

test("lists calls, the newest first, and more of them when asked", async ({ page, open, server }) => {
  await open("#/explore?v=1&q={service_name%3D%22checkout%22}&from=now-1h&to=now");
  await page.getByRole("navigation", { name: "Pages" }).getByRole("button", { name: "Calls" }).click();
  await expect(page).toHaveURL(/#\/calls\?.*from=now-1h/);
  await expect(page).toHaveTitle("Calls · Flarepath");
  await expect(table(page)).toHaveAttribute("aria-rowcount", "101");
  await expect(rows(page).first().getByRole("cell")).toHaveText([/^\d\d:\d\d:\d\d\.\d{3}$/, "checkout", "answered", "GET /cart/{id}", "200", "1.50 ms", "10.0.0.0", "flame graph"]);
  await expect(page.getByText("the newest 100 calls")).toBeVisible();
  expect(Object.fromEntries(asked(server.requests))).toMatchObject({ query: '{service_name="checkout"}', order: "newest", limit: "100" });
  await page.getByRole("button", { name: "Show 100 more" }).click();
  await expect(table(page)).toHaveAttribute("aria-rowcount", "201");
  await page.reload();
  await expect(table(page)).toHaveAttribute("aria-rowcount", "201");
});

test("has each filter in the address and in the question", async ({ page, open, server }) => {
  await open("#/calls?v=1&from=now-1h&to=now");
  await expect(rows(page).first()).toBeVisible();
  await filters(page).getByLabel("errors only").check();
  await expect(page).toHaveURL(/errors=1/);
  await filters(page).getByLabel("status").fill("5xx");
  await page.keyboard.press("Enter");
  await filters(page).getByLabel("route").fill("/checkout");
  await page.keyboard.press("Enter");
  await filters(page).getByLabel("slower than").fill("100ms");
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Order" }).getByRole("button", { name: "slowest" }).click();
  await filters(page).getByLabel("calls").selectOption({ label: "answered" });
  await expect.poll(() => Object.fromEntries(asked(server.requests))).toMatchObject({ error: "true", status: "5xx", route: "/checkout", minDuration: "100ms", order: "slowest", role: "server" });
  await expect(rows(page).first()).toContainText("503");
  await page.reload();
  await expect(filters(page).getByLabel("route")).toHaveValue("/checkout");
  await expect(filters(page).getByLabel("errors only")).toBeChecked();
  await filters(page).getByRole("button", { name: "Clear" }).click();
  await expect(table(page)).toHaveAttribute("aria-rowcount", "101");
  await filters(page).getByLabel("slower than").fill("fast");
  await page.keyboard.press("Enter");
  expect(params(page).get("slower")).toBeNull();
});

test("is walked by the keyboard, tells all of a call, and leads to its trace", async ({ page, open, server }) => {
  await open("#/calls?v=1&from=now-1h&to=now");
  await expect(rows(page).first()).toBeVisible();
  await table(page).focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
  await expect(page).toHaveURL(/span=00000000000003ea/);
  await expect(rows(page).nth(2)).toHaveClass(/current/);
  await expect(detail(page)).toContainText("SELECT * FROM orders WHERE id = ?");
  await expect(detail(page)).toContainText("checkout-7d9f8c-b7w2m");
  await expect(detail(page)).toContainText("vert.x-eventloop-0");
  await page.reload();
  await expect(detail(page)).toContainText("SELECT * FROM orders WHERE id = ?");
  await detail(page).getByRole("link", { name: "all calls of its trace" }).click();
  await expect(rows(page)).toHaveCount(3);
  expect(asked(server.requests).get("traceId")).toBe(params(page).get("trace"));
  await rows(page).first().getByRole("button").press("Enter");
  await expect(detail(page)).toBeVisible();
  await table(page).focus();
  await page.keyboard.press("Escape");
  await expect(detail(page)).toBeHidden();
});

test("leads from a call to the flame graph of its pod around that moment", async ({ page, open, flame, server }) => {
  const until = Date.now() - 600_000;
  await open(`#/calls?v=1&q={version%3D%221%22}&from=${until - 600_000}&to=${until}`);
  await rows(page).nth(1).getByRole("link", { name: /^flame graph around/ }).press("Enter");
  await expect(page).toHaveURL(/#\/explore/);
  await flame.settled();
  const drawn = new URLSearchParams(server.requests.filter((request) => request.includes("/flamegraph")).at(-1)!.split("?")[1]);
  expect(drawn.get("query")).toBe('{service_name="checkout",namespace="shop",pod="checkout-7d9f8c-x2k4q"}');
  const at = until - 1.5 * (600_000 / 450);
  expect(Math.abs(Number(drawn.get("from")) - (at - 30_000))).toBeLessThan(10);
  expect(Number(drawn.get("until")) - Number(drawn.get("from"))).toBeGreaterThan(60_000);
  expect(Number(drawn.get("until")) - Number(drawn.get("from"))).toBeLessThan(61_000);
});

test("is reached from an endpoint, with its route", async ({ page, open, server }) => {
  await open("#/endpoints?v=1&from=now-1h&to=now");
  await page.getByRole("link", { name: "calls of checkout http GET /cart/{id}" }).click();
  await expect(page).toHaveURL(/#\/calls/);
  await expect(rows(page).first()).toContainText("GET /cart/{id}");
  expect(Object.fromEntries(asked(server.requests))).toMatchObject({ role: "server", protocol: "http", method: "GET", route: "/cart/{id}", query: '{service_name="checkout"}' });
  await filters(page).getByRole("button", { name: "remove filter method" }).click();
  await expect(page).not.toHaveURL(/method=/);
});

for (const [reason, heading, action, leads] of [
  ["no-calls-known", "No calls are stored", "", /calls/],
  ["no-calls-in-range", "No calls in this time range", "Widen to 24h", /from=now-24h/],
  ["no-calls-of-service", "This service has no calls here", "Show all services", /calls\?v=1&from/],
  ["no-calls-fulfil", "No call is what these filters ask for", "Clear the filters", /to=now(?!.*errors=)/],
] as const) {
  test(`says why there is nothing: ${reason}`, async ({ page, open, server }) => {
    server.reset({ noCalls: reason });
    await open("#/calls?v=1&q={service_name%3D%22checkout%22}&from=now-1h&to=now&errors=1");
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
    await expect(page.getByText(`the service says ${reason}`)).toBeVisible();
    await expect(rows(page)).toHaveCount(0);
    if (action === "") return;
    server.scene.noCalls = "";
    await page.getByRole("button", { name: action }).click();
    await expect(page).toHaveURL(leads);
    await expect(rows(page).first()).toBeVisible();
  });
}

test("says that the service failed, and asks again", async ({ page, open, server }) => {
  server.reset({ status: 503 });
  await open("#/calls?v=1");
  await expect(page.getByText("The service failed")).toBeVisible();
  server.scene.status = 200;
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(rows(page).first()).toBeVisible();
});
