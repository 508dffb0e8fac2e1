import { expect, type Page } from "@playwright/test";
import { madeUpOnly, test } from "./fixture.ts";

madeUpOnly();

const rows = (page: Page) => page.locator(".rows-body .edge-row");
const column = (page: Page, i: number) => rows(page).evaluateAll((all, at) => all.map((row) => row.children[at].textContent), i);
const params = (page: Page) => new URLSearchParams(new URL(page.url()).hash.split("?")[1]);
const node = (page: Page, id: string) => page.locator(`[data-node="${id}"]`);
const asked = (requests: string[], path: string) => requests.filter((request) => request.startsWith(`/api/v1/${path}?`)).map((request) => new URLSearchParams(request.split("?")[1]));

test("shows who calls whom, what is not well in words too, and the same in a table", async ({ page, open }) => {
  await open("#/explore?v=1&from=now-1h&to=now");
  await page.getByRole("navigation", { name: "Pages" }).getByRole("button", { name: "Service map" }).click();
  await expect(page).toHaveURL(/#\/map\?.*from=now-1h/);
  await expect(page).toHaveTitle("Service map · Flarepath");
  await expect(page.locator("[data-node]")).toHaveCount(8);
  await expect(page.locator("[data-edge]")).toHaveCount(9);
  await expect(page.locator(".totals")).toContainText("5 services");
  await expect(page.locator(".map-label.bad .map-trouble")).toHaveText(["▲ 7 of 27 connects failed", "▲ 3.4% sent again", "▲ 2.0% failed"]);
  await expect(rows(page)).toHaveCount(9);
  await expect(rows(page).first().getByRole("cell")).toHaveText(["frontend", "→ checkout", "http", "▲ 2.0% failed", "41.0", "2.0%", "960 ms", "15.0 ms", "400 µs", "0%", "0", "0", "108 KiB"]);
  const place = (id: string) => node(page, id).boundingBox();
  expect((await place("service:frontend"))!.x).toBeLessThan((await place("service:checkout"))!.x);
});

test("is drawn the same each time", async ({ page, open }) => {
  const places = () => page.locator("[data-node]").evaluateAll((all) => all.map((one) => `${one.getAttribute("data-node")} ${one.getAttribute("transform")}`));
  await open("#/map?v=1&from=now-1h&to=now");
  await expect(page.locator("[data-node]")).toHaveCount(8);
  const before = await places();
  await page.reload();
  await expect(page.locator("[data-node]")).toHaveCount(8);
  expect(await places()).toEqual(before);
});

test("leads from a node to the flame graph and the endpoints of its service", async ({ page, open, flame }) => {
  await open("#/map?v=1&from=now-1h&to=now");
  await node(page, "service:checkout").focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/pick=service%3Acheckout/);
  const details = page.getByRole("region", { name: "Node checkout" });
  await expect(details).toContainText("failed1.9%");
  const links = details.getByRole("link");
  await expect(links).toHaveText(["flame graph", "endpoints", "only its neighbours"]);
  await links.nth(1).click();
  await expect(page).toHaveURL(/#\/endpoints/);
  expect([params(page).get("q"), params(page).get("from")]).toEqual(['{service_name="checkout"}', "now-1h"]);
  await page.goBack();
  await details.getByRole("link", { name: "flame graph" }).click();
  await expect(page).toHaveURL(/#\/explore/);
  await flame.settled();
  await page.goBack();
  await details.getByRole("link", { name: "only its neighbours" }).click();
  await expect(rows(page)).toHaveCount(5);
  expect(params(page).get("q")).toBe('{service_name="checkout"}');
});

test("leads from an edge to what it did over time, asked of the end that is watched", async ({ page, open, server }) => {
  await open("#/map?v=1&from=now-1h&to=now");
  await rows(page).getByRole("button", { name: "checkout" }).nth(0).click();
  const details = page.getByRole("region", { name: "Edge checkout to payments" });
  await expect(details).toContainText("▲ 3.4% sent again");
  await expect(details).toContainText("network50.0 ms a request");
  await expect(details.locator(".lanes canvas")).toHaveCount(4);
  const network = asked(server.requests, "edges").at(-1)!;
  expect(network.get("query")).toBe('{service_name="checkout",server.port=~"9090",network.peer.address=~"10\\\\.0\\\\.0\\\\.7",flarepath.role="client"}');
  const requests = asked(server.requests, "requests").at(-1)!;
  expect([requests.get("role"), requests.get("query")]).toEqual(["client", '{service_name="checkout",server.port=~"9090",server.address=~"10\\\\.0\\\\.0\\\\.7"}']);
  await page.reload();
  await expect(details.locator(".lanes canvas")).toHaveCount(4);
  await details.getByRole("button", { name: "close details" }).click();
  await expect(details).toHaveCount(0);
  // The line itself does the same as its row.
  await page.locator('[data-edge="service:checkout service:payments"] .map-hit').dispatchEvent("click");
  await expect(details).toBeVisible();
});

test("says of an edge of TLS whether it is seen into", async ({ page, open }) => {
  await open("#/map?v=1&from=now-1h&to=now&pick=address:203.0.113.9+service:frontend");
  await expect(page.getByRole("region", { name: "Edge 203.0.113.9 to frontend" })).toContainText("TLSnot seen into");
  await page.goto(page.url().replace(/pick=.*$/, "pick=service:frontend+service:checkout"));
  const plain = page.getByRole("region", { name: "Edge frontend to checkout" });
  await expect(plain).toContainText("port8080");
  await expect(plain).not.toContainText("TLS");
});

test("orders and filters the table with the keyboard, in the address", async ({ page, open }) => {
  await open("#/map?v=1&from=now-1h&to=now");
  await expect(rows(page)).toHaveCount(9);
  const head = page.getByRole("columnheader", { name: "p99" });
  await head.getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(head).toHaveAttribute("aria-sort", "descending");
  await expect(page).toHaveURL(/edges=p99/);
  await expect.poll(async () => (await column(page, 6)).slice(0, 3)).toEqual(["960 ms", "400 ms", "210 ms"]);
  await expect.poll(async () => (await column(page, 6)).at(-1)).toBe("–");
  await page.keyboard.press("/");
  await page.keyboard.type("postgres");
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByText("2 of 9 edges")).toBeVisible();
});

for (const [reason, heading, says] of [
  ["no-network-known", "Nothing is known of the network yet", "--set requests.enabled=true"],
  ["no-series", "Nothing of the network carries these labels", "Show all services"],
  ["no-network-in-range", "Nothing of the network in this time range", "Widen to 24h"],
] as const) {
  test(`says why there is no map: ${reason}`, async ({ page, open, server }) => {
    server.reset({ noNetwork: reason });
    await open("#/map?v=1&from=now-1h&to=now");
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
    await expect(page.locator(".empty")).toContainText(says);
    await expect(page.locator("svg.map")).toHaveCount(0);
  });
}

test("says that the service failed, and asks again", async ({ page, open, server }) => {
  server.reset({ status: 503 });
  await open("#/map?v=1&from=now-1h&to=now");
  await expect(page.getByText("The service failed")).toBeVisible();
  server.scene.status = 200;
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(rows(page)).toHaveCount(9);
});
