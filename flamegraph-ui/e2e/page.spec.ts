import { createRequire } from "node:module";
import { expect } from "@playwright/test";
import { details, madeUpOnly, PARSE, RENDER, test } from "./fixture.ts";
import { agent, jvm, type Scene } from "./server.ts";

madeUpOnly();

test.describe("explore", () => {
  test("shows services by total and the flame graph of all", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    const services = page.getByRole("navigation", { name: "Services" });
    await expect(services.locator(".service-name").first()).toHaveText("All services");
    await expect(services.locator(".service-name").nth(1)).toHaveText("checkout");
    await expect(page.locator(".totals")).toContainText("cores");
    await expect(page.locator(".totals")).toContainText("samples");
    await expect(page.locator(".totals")).toContainText("complete 98.6%");
    await expect(page.locator(".chart-host canvas").first()).toBeVisible();
    expect((await flame.stats()).rects).toBeGreaterThanOrEqual(30);
  });

  test("narrows to a service, then to one of its pods, in the address too", async ({ page, open, server, flame }) => {
    await open();
    await page.getByRole("button", { name: /^search/ }).click();
    await expect(page).toHaveURL(/q=%7Bservice_name%3D%22search%22%7D/);
    await page.locator(".pods button").first().click();
    await expect(page).toHaveURL(/pod%3D%22search-7d9f8c-x2k4q%22/);
    await flame.settled();
    expect(server.requests.some((request) => request.includes("/flamegraph") && decodeURIComponent(request).includes('pod="search-7d9f8c-x2k4q"'))).toBe(true);
    await page.goBack();
    await expect(page.locator(".chip")).toHaveCount(1);
    await page.goBack();
    await expect(page.locator(".chip")).toHaveCount(0);
  });

  test("tells what lies under the pointer in the status line", async ({ page, open, flame }) => {
    await open();
    await flame.hover(PARSE);
    await expect(page.locator(".status-name")).toHaveText("com.shop.json.Json.parse");
    await expect(page.locator(".status-numbers")).toContainText(/total 3\d\.\d%.*self 2\d\.\d%/);
  });

  test("opens details on a click and selects the same row in the tree", async ({ page, open, flame }) => {
    await open("#/explore?v=1&panel=tree");
    await flame.click(PARSE);
    await expect(details(page)).toContainText("com.shop.json.Json.parse");
    await expect(details(page)).toContainText("Json.java");
    await expect(page.getByRole("row", { selected: true })).toContainText("com.shop.json.Json.parse");
    await expect(page.locator("[aria-live=polite]")).toContainText("com.shop.json.Json.parse, total");
    await page.getByRole("row", { name: /Page.render/ }).click();
    await expect(details(page).getByRole("heading")).toHaveText("com.shop.page.Page.render");
  });

  test("lists the source lines of a selected function, and says which are only near", async ({ page, open, flame }) => {
    await open();
    await flame.click(PARSE);
    await details(page).getByRole("button", { name: "Lines" }).click();
    const rows = details(page).getByRole("table").getByRole("row");
    await expect(rows).toHaveCount(3);
    await expect(rows.nth(1)).toContainText("Json.java:42");
    await expect(rows.nth(1)).toContainText("10.0%");
    await expect(rows.nth(1)).not.toContainText("≈");
    await expect(rows.nth(2)).toContainText("≈ Json.java:57");
    await expect(details(page)).toContainText("near this line");
    await page.reload();
    await expect(details(page).getByRole("table")).toContainText("Json.java:42");
    await flame.click(RENDER);
    await expect(details(page)).toContainText("No source line of this function is known");
  });

  test("zooms in on a double click; breadcrumb, Escape and the back button lead out", async ({ page, open, flame }) => {
    await open();
    await flame.doubleClick(RENDER);
    await flame.settled();
    const { width } = await flame.stats();
    expect((await flame.rectOf(RENDER))!.width).toBeCloseTo(width, 0);
    await expect(page.locator(".way [aria-current]")).toHaveText("com.shop.page.Page.render");
    await page.keyboard.press("Escape");
    await flame.settled();
    expect((await flame.rectOf(RENDER))!.width).toBeLessThan(width);
    await page.keyboard.press("0");
    await flame.settled();
    await flame.doubleClick(RENDER);
    await page.locator(".way").getByRole("button", { name: "all" }).click();
    await expect(page).not.toHaveURL(/zoom=/);
    await page.goBack();
    await expect(page).toHaveURL(/zoom=/);
    await flame.settled();
    expect((await flame.rectOf(RENDER))!.width).toBeCloseTo(width, 0);
  });

  test("asks for more detail where frames were folded", async ({ page, open, server, flame }) => {
    server.reset({ hiddenNodes: 1234 });
    await open();
    await expect(page.getByText("1 234 small frames are folded")).toBeVisible();
    await flame.doubleClick(RENDER);
    await expect.poll(() => server.requests.filter((request) => request.includes("focus=")).length).toBeGreaterThan(0);
    await expect(page.getByText("small frames are folded")).toHaveCount(0);
    await expect.poll(() => flame.rectOf(`${RENDER};com/shop/page/Small0.call`)).not.toBeNull();
  });

  test("searches, counts nested matches once, and steps through them", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    await page.keyboard.press("/");
    await page.keyboard.type("json\\.json");
    await expect(page.locator(".search-result")).toHaveText(/3\d\.\d% matched · 3 frames/);
    expect(await flame.colourOf(PARSE)).toBe("#d58cf5");
    await page.keyboard.press("Enter");
    await expect(details(page).getByRole("heading")).toHaveText("com.shop.json.Json.parse");
    await page.keyboard.press("Enter");
    await expect(details(page).getByRole("heading")).toHaveText("com.shop.json.Json.readString [i]");
    await page.getByRole("searchbox", { name: "search frames" }).fill("work(");
    await expect(page.locator(".search-result")).toContainText("1 frames · as text");
    await page.getByRole("searchbox", { name: "search frames" }).fill("nothing like it");
    await expect(page.locator(".search-result")).toHaveText("no match");
  });

  test("sorts and filters the table of functions", async ({ page, open }) => {
    await open();
    const first = page.locator(".top-row .cell-button").first();
    await expect(first).toHaveText("com.shop.json.Json.parse");
    await page.getByRole("columnheader", { name: "total" }).getByRole("button").click();
    await expect(first).toHaveText("start_thread");
    await expect(page).toHaveURL(/sort=total/);
    await page.getByRole("searchbox", { name: "filter functions" }).fill("tcp");
    await expect(page.locator(".top-row .cell-button")).toHaveCount(2);
  });

  test("takes a range in words, refuses nonsense in words, and reads a drag on the chart", async ({ page, open }) => {
    await open();
    await page.getByRole("button", { name: /^time range: last/ }).click();
    const words = page.getByRole("textbox", { name: "time range in words" });
    await words.fill("sometime");
    await words.press("Enter");
    await expect(page.locator(".range-problem")).toContainText("is no time range");
    await words.fill("now-2h to now-1h");
    await words.press("Enter");
    await expect(page).toHaveURL(/from=now-2h&to=now-1h/);
    const chart = (await page.locator(".chart-host .u-over").first().boundingBox())!;
    await page.mouse.move(chart.x + 100, chart.y + 40);
    await page.mouse.down();
    await page.mouse.move(chart.x + 300, chart.y + 40, { steps: 4 });
    await page.mouse.up();
    await expect(page).toHaveURL(/from=\d{13}&to=\d{13}/);
  });

  test("adds and takes off a filter", async ({ page, open }) => {
    await open();
    await page.getByRole("button", { name: "+ filter" }).click();
    await page.getByRole("combobox", { name: "label", exact: true }).fill("namespace");
    await page.getByRole("combobox", { name: "condition" }).selectOption("=~");
    await page.getByRole("combobox", { name: "value" }).fill("shop.*");
    await page.getByRole("button", { name: "Add" }).click();
    await expect(page).toHaveURL(/namespace%3D%7E%22shop.\*%22/);
    await page.getByRole("button", { name: "remove filter namespace" }).click();
    await expect(page).not.toHaveURL(/q=/);
  });

  test("switches between profilers, which are never added up", async ({ page, open, server }) => {
    server.reset({ profilers: ["flarepath", "javaspy"] });
    await open();
    const profiler = page.getByRole("combobox", { name: "profiler", exact: true });
    await expect(profiler.locator("option:checked")).toHaveText("flarepath, most samples");
    await profiler.selectOption("javaspy");
    await expect(page).toHaveURL(/profiler%3D%22javaspy%22/);
    await page.getByRole("button", { name: /^cart/ }).click();
    await page.getByRole("combobox", { name: "profiler", exact: true }).selectOption("javaspy");
    // The answer for one profiler knows no other: the way back must be there all the same.
    await expect(profiler).toHaveValue("javaspy");
    await expect(page.locator(".totals")).toContainText("samples");
    await profiler.selectOption("");
    await expect(page).not.toHaveURL(/profiler/);
  });

  test("draws a deep profile of many frames on a canvas no larger than the view", async ({ page, open, server, flame }) => {
    server.reset({ nodes: 100_000 });
    await open();
    await flame.settled();
    const stats = await flame.stats();
    expect(stats.levels).toBeGreaterThan(60);
    const canvas = await page.locator("flame-graph canvas").evaluate((c) => (c as HTMLCanvasElement).height);
    expect(canvas).toBeLessThanOrEqual(900);
    await page.locator(".flame-scroller").evaluate((div) => div.scrollTo(0, 1e6));
    await flame.settled();
    const { width, height } = await flame.stats();
    const depths: number[] = [];
    for (let x = 0; x < width; x += 10) depths.push((await flame.frameAt(x, height - 10))?.path.length ?? 0);
    expect(Math.max(...depths)).toBe(stats.levels - 1);
  });
});

test.describe("links", () => {
  test("restore what was seen", async ({ page, open, flame }) => {
    await open();
    await flame.click(PARSE);
    await flame.doubleClick(RENDER);
    await page.getByRole("button", { name: "Tree" }).click();
    await page.getByRole("searchbox", { name: "search frames" }).fill("regex");
    await page.keyboard.press("Tab");
    await page.getByTitle("Root at the bottom").click();
    await flame.settled();
    const hash = new URL(page.url()).hash;
    const before = await flame.rectOf(RENDER);
    await open(hash);
    await flame.settled();
    expect(new URL(page.url()).hash).toBe(hash);
    expect(await flame.rectOf(RENDER)).toEqual(before);
    await expect(page.getByRole("searchbox", { name: "search frames" })).toHaveValue("regex");
    await expect(page.getByRole("treegrid")).toBeVisible();
  });

  test("that are broken say what could not be read", async ({ page, open }) => {
    await open("#/explore?v=1&q={oops&panel=top");
    await expect(page.getByText("Part of the link could not be read: q is no selector")).toBeVisible();
  });

  test("to a frame that is gone show its nearest caller and say so", async ({ page, open }) => {
    await open("#/explore?v=1&zoom=start_thread&zoom=gone");
    await expect(page.getByText("its nearest caller is shown")).toBeVisible();
    await expect(page.locator(".way [aria-current]")).toHaveText("start_thread");
  });
});

test.describe("compare", () => {
  const hash = () => {
    const now = Date.now();
    return `#/compare?v=1&from=${now - 7200e3}&to=${now - 3600e3}&fromB=${now - 3600e3}&toB=${now}`;
  };

  test("shows what costs more and less, by second and by share", async ({ page, open, flame }) => {
    await open(hash());
    await flame.settled();
    await expect(page.locator(".basis-name")).toHaveText("compared per second");
    await expect(page.locator(".totals strong")).toContainText(/\+0\.4\d+ cores \(\+2\d\.\d%\)/);
    const rows = page.getByRole("table", { name: "Changes of self" }).locator(".rows-body [role=row]");
    await expect(rows.first()).toContainText("×2.16");
    await expect(page.locator(".change-row.more", { hasText: "new" })).toHaveCount(1);
    await expect(page.locator(".change-row.less", { hasText: "gone" })).toHaveCount(1);
    const [r, , b] = rgb((await flame.colourOf(PARSE))!);
    expect(r).toBeGreaterThan(b);
    await page.getByRole("button", { name: "share", exact: true }).click();
    await expect(page.locator(".basis-name")).toContainText("by share");
    await expect(page).toHaveURL(/basis=share/);
  });

  test("swaps sides and turns colours round", async ({ page, open, flame }) => {
    await open(hash());
    await flame.settled();
    const before = await page.locator(".side-a .range-button").textContent();
    await page.getByRole("button", { name: "swap A and B" }).click();
    await expect(page.locator(".side-b .range-button")).toHaveText(before!);
  });

  test("starts from what is explored, with the time before as A", async ({ page, open, flame }) => {
    await open("#/explore?v=1&q={service_name%3D%22cart%22}&from=now-15m");
    await flame.settled();
    await page.keyboard.press("c");
    await expect(page).toHaveURL(/#\/compare\?.*cart.*qB=.*cart/);
    await flame.settled();
    await page.getByRole("group", { name: "Compare B with the previous" }).getByRole("button", { name: "day" }).click();
    const state = new URLSearchParams(new URL(page.url()).hash.split("?")[1]);
    expect(Number(state.get("fromB")) - Number(state.get("from"))).toBe(86400e3);
    await page.getByRole("button", { name: "Open B in Explore" }).click();
    await expect(page).toHaveURL(/#\/explore/);
    await page.goBack();
    await expect(page).toHaveURL(/#\/compare/);
  });
});

test.describe("keyboard alone", () => {
  test("leads from a service to a frame, into it and out, and to a comparison", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    await page.locator(".service", { hasText: "cart" }).focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/cart/);
    await flame.settled();
    await page.locator(".flame-scroller").focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) await page.keyboard.press(key);
    await expect(details(page).getByRole("heading")).toContainText("G1ParTask");
    await page.keyboard.press("Enter");
    await expect(page.locator(".way [aria-current]")).toContainText("G1ParTask");
    await page.keyboard.press("ArrowUp");
    await expect(details(page).getByRole("heading")).toHaveText("start_thread");
    await page.keyboard.press("Escape");
    await page.keyboard.press("0");
    await expect(page).not.toHaveURL(/zoom=/);
    await page.keyboard.press("t");
    await page.getByRole("treegrid").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("row", { selected: true })).toContainText("Thread.run");
    await page.keyboard.press("c");
    await expect(page).toHaveURL(/#\/compare/);
  });

  test("keys rest while one types", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    await page.keyboard.press("/");
    await page.keyboard.type("citn?");
    await expect(page).toHaveURL(/#\/explore.*find=citn/);
    await expect(page.locator("dialog[open]")).toHaveCount(0);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await expect(page.locator("dialog[open]")).toBeVisible();
  });
});

test.describe("when there is nothing", () => {
  for (const [reason, title] of [
    ["no-series", "Nothing carries these labels"],
    ["no-profiles-in-range", "No profiles in this time range"],
    ["type-not-present", "No profiles of this type"],
  ] as const) {
    test(`${reason} is told with a way on`, async ({ page, open, server }) => {
      server.reset({ empty: reason });
      await open();
      await expect(page.getByRole("heading", { name: title })).toBeVisible();
      await expect(page.locator(".empty-actions button").first()).toBeVisible();
    });
  }

  test("a first run ticks its steps and shows the first profile by itself", async ({ page, open, server }) => {
    server.reset({ empty: "store-empty", agents: [] });
    await open();
    await expect(page.getByRole("heading", { name: "Waiting for the first profile" })).toBeVisible();
    await expect(page.locator(".first-run li.done")).toHaveCount(1);
    server.scene.agents = [agent()];
    await expect(page.locator(".first-run li.done")).toHaveCount(2, { timeout: 8_000 });
    server.scene.empty = "";
    await expect(page.locator("flame-graph")).toBeVisible({ timeout: 8_000 });
  });

  test("agents explain themselves: stopped, degraded, and a clock that is off", async ({ page, open, server }) => {
    server.reset({
      agents: [
        agent({ node: "node-1", online: false }),
        agent({ node: "node-2", state: "degraded", reason: "no BTF: user stacks only" }),
        agent({ node: "node-3", clockSkewMillis: -42_000 }),
      ],
    });
    await open();
    await expect(page.locator(".notice", { hasText: /node-1: stopped at \d\d:\d\d/ })).toBeVisible();
    await expect(page.locator(".notice", { hasText: "node-2: degraded: no BTF: user stacks only" })).toBeVisible();
    await expect(page.getByText("The clock of node-3 is 42 s behind the service's")).toBeVisible();
    await expect(page.getByRole("button", { name: "2 of 3 agents not sampling" })).toBeVisible();
  });

  test("a JVM of a service is recorded, and leads to its profiles", async ({ page, open, server }) => {
    await open("#/explore?v=1&q={service_name%3D%22checkout%22}");
    await page.getByRole("button", { name: "Record" }).click();
    const panel = page.getByRole("region", { name: "Record a JVM" });
    await expect(panel.getByRole("combobox", { name: "JVM" })).toContainText("checkout-7d9f8c-x2k4q · Java 25.0.3+9 · process 4711 · on node-1");
    await panel.getByRole("checkbox", { name: "Locks" }).check();
    await panel.getByRole("spinbutton", { name: "seconds" }).fill("601");
    await expect(panel.getByRole("button", { name: "Record" })).toBeDisabled();
    await panel.getByRole("spinbutton", { name: "seconds" }).fill("20");
    await panel.getByRole("button", { name: "Record" }).click();
    await expect(panel.getByRole("listitem")).toContainText("allocations, locks for 20 s");
    await expect(panel.getByRole("progressbar")).toBeVisible();
    expect(server.orders).toEqual([{ pid: 4711, kinds: ["allocations", "locks"], seconds: 20 }]);
    await expect(panel.getByRole("listitem")).toContainText("done", { timeout: 15_000 });
    await expect(panel.getByRole("progressbar")).toHaveCount(0);
    await panel.getByRole("button", { name: "allocated bytes" }).click();
    await expect(page).toHaveURL(/type=memory%3Aalloc_in_new_tlab_bytes/);
    await expect(page.getByRole("combobox", { name: "profile type" })).toHaveValue("memory:alloc_in_new_tlab_bytes:bytes:space:bytes");
  });

  test("a recording that fails says why", async ({ page, open, server }) => {
    server.reset({ recordingStates: ["failed"] });
    await open("#/explore?v=1&q={service_name%3D%22checkout%22}");
    await page.getByRole("button", { name: "Record" }).click();
    const panel = page.getByRole("region", { name: "Record a JVM" });
    await panel.getByRole("button", { name: "Record" }).click();
    await expect(panel.getByRole("alert")).toContainText("failed: process 4711 is not recorded: attaching is disabled");
  });

  test("why a JVM is not named, and why it cannot be recorded, is told", async ({ page, open, server }) => {
    server.reset({ jvms: [jvm({ records: false, state: "refused", reason: "it does not export nmethod._compile_id" })] });
    await open("#/explore?v=1&q={service_name%3D%22checkout%22}");
    await page.getByRole("button", { name: "Record" }).click();
    const panel = page.getByRole("region", { name: "Record a JVM" });
    await expect(panel).toContainText("no names in our samples: it does not export nmethod._compile_id");
    await expect(panel).toContainText("The agent on node-1 makes no recordings.");
    await expect(panel.getByRole("button", { name: "Record" })).toBeDisabled();
    server.reset({ jvms: [] });
    await panel.getByRole("button", { name: "close" }).click();
    await expect(panel).toHaveCount(0);
    await page.getByRole("button", { name: "Record" }).click();
    await expect(panel).toContainText("No agent samples a JVM of it now");
  });

  test("ranges follow the service's clock where the browser's is off, in whole milliseconds", async ({ page, open, server, flame }) => {
    server.reset({ ahead: 3_600_000.5 });
    await open();
    await flame.settled();
    const asked = new URLSearchParams(server.requests.find((request) => request.includes("/flamegraph"))!.split("?")[1]);
    expect(asked.get("until")).toMatch(/^\d+$/);
    expect(Math.abs(Number(asked.get("until")) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect(Number(asked.get("until")) - Number(asked.get("from"))).toBe(900_000);
    await expect(page.locator(".totals")).toContainText("cores");
  });

  test("few samples are called few", async ({ page, open, server }) => {
    server.reset({ samples: 31 });
    await open();
    await expect(page.getByText("Too few samples (31)")).toBeVisible();
    await expect(page.locator(".top-row .number").nth(2)).toHaveText(/^\d+%$/);
  });
});

test.describe("when something fails", () => {
  test("the panel says so, keeps the picture, and tries again", async ({ page, open, server, flame }) => {
    await open();
    await flame.settled();
    server.scene.status = 429;
    await page.getByRole("button", { name: /^cart/ }).click();
    const area = page.locator(".flame-area");
    await expect(area.getByText("The service is busy")).toBeVisible();
    await expect(area.locator(".failure code")).toHaveText("429 overloaded");
    await expect(page.locator(".flame-host.dimmed")).toBeVisible();
    // The courses above do not say the same again.
    await expect(page.locator(".failure")).toHaveCount(1);
    server.scene.status = 200;
    await area.getByRole("button", { name: "Retry" }).click();
    await expect(page.locator(".failure")).toHaveCount(0);
    await expect(page.locator(".flame-host.dimmed")).toHaveCount(0);
  });

  test("an answer that breaks its description is refused with its place", async ({ page, open, server }) => {
    server.reset({ body: '{"nodes":{"parent":[5]}}' });
    await open();
    await expect(page.getByText("nodes.parent[0] is 5, the root must have -1")).toBeVisible();
  });

  test("a slow answer shows progress over the old picture and can be cancelled", async ({ page, open, server, flame }) => {
    await open();
    await flame.settled();
    server.scene.delay = 10_000;
    await page.getByRole("button", { name: /^cart/ }).click();
    await expect(page.locator(".progress-text")).toContainText("loading");
    await expect(page.locator(".flame-host.dimmed")).toBeVisible();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByText("You cancelled the request.")).toBeVisible();
  });

  test("a part of the page that cannot be loaded says so, and comes when the service is back", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    await page.route("**/assets/compare-*.js", (route) => route.abort());
    await page.getByRole("button", { name: "Compare" }).first().click();
    await expect(page.getByText("A part of the page could not be loaded")).toBeVisible();
    await page.unroute("**/assets/compare-*.js");
    await page.getByRole("button", { name: "Reload the page" }).click();
    await expect(page.locator(".wording")).toBeVisible();
  });

  test("a comparison that fails says so in its panels", async ({ page, open, server }) => {
    server.reset({ status: 503 });
    await open("#/compare?v=1&from=now-2h&to=now-1h&fromB=now-1h&toB=now");
    await expect(page.getByText("The service failed")).toBeVisible();
    server.scene.status = 200;
    await page.getByRole("button", { name: "Retry" }).click();
    await expect(page.locator("flame-graph")).toBeVisible();
  });

  test("a service that is gone is told from one that fails", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    await page.route("**/api/v1/**", (route) => route.abort());
    await page.getByRole("button", { name: "refresh" }).click();
    await expect(page.getByText("No connection to the service").first()).toBeVisible();
  });
});

test.describe("pixels", () => {
  test("of every frame have its colour, in both themes", async ({ page, open, flame }) => {
    await open();
    for (const theme of ["dark", "light"]) {
      await page.getByRole("button", { name: `switch to ${theme} theme` }).click();
      const frames = await flame.visibleFrames();
      expect(frames.length).toBeGreaterThan(20);
      expect(frames.filter(({ expected, drawn }) => !near(expected, drawn))).toEqual([]);
    }
  });

  test("check fails when the picture is shifted, recoloured or not drawn", async ({ page, open, flame }) => {
    for (const damage of ["shift", "recolour", "nothing"]) {
      await page.addInitScript((kind) => {
        const put = CanvasRenderingContext2D.prototype.putImageData;
        CanvasRenderingContext2D.prototype.putImageData = function (this: CanvasRenderingContext2D, image: ImageData) {
          if (kind === "nothing") return;
          if (kind === "recolour") for (let i = 0; i < image.data.length; i += 4) image.data[i] ^= 0x40;
          (put as (image: ImageData, x: number, y: number) => void).call(this, image, 0, kind === "shift" ? 20 : 0);
        };
      }, damage);
      await open();
      const frames = await flame.visibleFrames();
      const wrong = frames.filter(({ expected, drawn }) => !near(expected, drawn));
      expect(wrong.length, damage).toBeGreaterThan(frames.length / 3);
    }
  });

  test("theme is remembered", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    await page.getByRole("button", { name: "switch to dark theme" }).click();
    await open();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  });

  test("move at once where motion is to be reduced", async ({ page, open, flame }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await open();
    await flame.settled();
    const { generation } = await flame.stats();
    await flame.doubleClick(RENDER);
    await flame.settled();
    expect((await flame.stats()).generation - generation).toBeLessThan(6);
  });
});

test.describe("axe finds nothing", () => {
  const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  const now = Date.now();
  for (const scheme of ["light", "dark"] as const) {
    for (const [name, hash, scene] of [
      ["explore", "#/explore?v=1&q={service_name%3D%22checkout%22}&find=json&sel=start_thread", {}],
      ["tree", "#/explore?v=1&panel=tree", {}],
      ["compare", `#/compare?v=1&from=${now - 7200e3}&to=${now - 3600e3}&fromB=${now - 3600e3}&toB=${now}`, {}],
      ["endpoints", "#/endpoints?v=1", {}],
      ["map", "#/map?v=1", {}],
      ["an edge of the map", "#/map?v=1&pick=service:checkout+service:payments", {}],
      ["no map", "#/map?v=1", { noNetwork: "no-network-known" }],
      ["no requests", "#/endpoints?v=1", { noRequests: "no-requests-known" }],
      ["empty", "#/explore?v=1", { empty: "no-profiles-in-range", agents: [] }],
      ["first run", "#/explore?v=1", { empty: "store-empty", agents: [] }],
      ["error", "#/explore?v=1", { status: 503 }],
    ] as [string, string, Partial<Scene>][]) {
      test(`on ${name} in ${scheme}`, async ({ page, open, server, mock }) => {
        server.reset(scene);
        await page.emulateMedia({ colorScheme: scheme });
        await open(hash);
        await page.waitForSelector("flame-graph[data-settled], .rows-body .row, .empty, .failure");
        // The policy of the page forbids scripts from elsewhere; axe comes as one of its own.
        await page.route(`${mock.url}/axe.js`, (route) => route.fulfill({ path: axe, contentType: "text/javascript" }));
        await page.addScriptTag({ url: `${mock.url}/axe.js` });
        const found = await page.evaluate(async () => {
          const { violations } = await (window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe.run();
          return violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`) }));
        });
        expect(found).toEqual([]);
      });
    }
  }
});

function near(a: string, b: string): boolean {
  const [x, y] = [rgb(a), rgb(b)];
  return x.every((c, i) => Math.abs(c - y[i]) <= 2);
}

function rgb(colour: string): number[] {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
}
