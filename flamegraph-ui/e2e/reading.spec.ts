import { expect, type Page } from "@playwright/test";
import { details, HANDLE, madeUpOnly, PARSE, RENDER, test } from "./fixture.ts";

madeUpOnly();

const tip = (page: Page) => page.getByRole("tooltip");
const menu = (page: Page) => page.getByRole("menu");

/** The clipboard of a test: what the page puts there. */
async function clipboard(page: Page): Promise<() => Promise<string>> {
  await page.addInitScript(() => {
    const held = { text: "" };
    Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text: string) => void (held.text = text) } });
    (window as unknown as { held: typeof held }).held = held;
  });
  return () => page.evaluate(() => (window as unknown as { held: { text: string } }).held.text);
}

test.describe("the tip", () => {
  test("follows the pointer and says what is known of a frame", async ({ page, open, flame }) => {
    await open();
    await flame.hover("redis-server+0x4a1c0");
    await expect(tip(page)).toContainText("redis-server+0x4a1c0");
    await expect(tip(page)).toContainText(/self\s*1\.\d%/);
    await expect(tip(page)).toContainText(/total\s*3\.\d%/);
    await expect(tip(page)).toContainText("build-id");
    await expect(tip(page)).toContainText("0cc0ffee");
    await expect(tip(page)).toContainText("the file is stripped");
    await flame.hover(PARSE);
    await expect(tip(page)).toContainText("Json.java");
    await expect(tip(page)).toContainText("jvm");
    const at = await flame.centre(PARSE);
    const box = (await tip(page).boundingBox())!;
    expect(Math.abs(box.x - at.x)).toBeLessThan(40);
    expect(Math.abs(box.y - at.y)).toBeLessThan(40);
    await page.mouse.move(5, 5);
    await expect(tip(page)).toHaveCount(0);
  });

  test("says what an error frame means and which frames are inlined", async ({ page, open, flame }) => {
    await open();
    await flame.hover(`${PARSE};com/shop/json/Json.readString`);
    await expect(tip(page)).toContainText("Json.readString [i]");
    await expect(tip(page)).toContainText("inlined into its caller");
    await flame.hover("[stack-too-deep]");
    await expect(tip(page)).toContainText("could not follow these stacks");
  });

  test("gives the share of what is zoomed into, and of the whole", async ({ page, open, flame }) => {
    await open();
    const string = `${PARSE};com/shop/json/Json.readString`;
    await flame.hover(string);
    await expect(tip(page)).toContainText("readString");
    await expect(tip(page)).not.toContainText("of zoomed");
    await flame.doubleClick(PARSE);
    await flame.hover(string);
    await expect(tip(page)).toContainText(/total\s*8\.\d%/);
    await expect(tip(page)).toContainText(/26\.\d% of com\.shop\.json\.Json\.parse/);
  });

  for (const size of [{ width: 1440, height: 900 }, { width: 1024, height: 700 }]) {
    test(`stays within a window of ${size.width}×${size.height}`, async ({ page, open, flame }) => {
      await page.setViewportSize(size);
      await open("#/explore?v=1&panel=none&up=1&traffic=0");
      await flame.settled();
      const boxes = await page.evaluate(async () => {
        const scroller = document.querySelector(".flame-scroller")!;
        const host = scroller.getBoundingClientRect();
        const seen: { left: number; top: number; right: number; bottom: number }[] = [];
        for (let x = 4; x < host.width; x += 67) {
          for (let y = 4; y < host.height; y += 20) {
            scroller.dispatchEvent(new MouseEvent("mousemove", { clientX: host.left + x, clientY: host.top + y }));
            await new Promise((done) => setTimeout(done));
            const tip = document.querySelector(".tip");
            if (tip) seen.push(tip.getBoundingClientRect().toJSON());
          }
        }
        return seen;
      });
      expect(boxes.length).toBeGreaterThan(40);
      expect(boxes.filter(({ left, top, right, bottom }) => left < 0 || top < 0 || right > size.width || bottom > size.height)).toEqual([]);
      // It was placed, not left in a corner.
      expect(new Set(boxes.map(({ left }) => left)).size).toBeGreaterThan(5);
    });
  }

  test("stands at the frame that keys have reached, and goes with the focus", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    await page.locator(".flame-scroller").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(tip(page)).toContainText("java.lang.Thread.run");
    await flame.settled();
    const rect = (await flame.rectOf("start_thread;java/lang/Thread.run"))!;
    const host = (await page.locator("flame-graph").boundingBox())!;
    await expect.poll(async () => Math.abs((await tip(page).boundingBox())!.y - (host.y + rect.y + rect.height))).toBeLessThan(30);
    await page.keyboard.press("Tab");
    await expect(tip(page)).toHaveCount(0);
  });

  test("does not repaint the picture", async ({ page, open, flame }) => {
    await open("#/explore?v=1&traffic=0");
    await flame.settled();
    const { generation } = await flame.stats();
    for (const path of [HANDLE, RENDER, PARSE, "start_thread"]) await flame.hover(path);
    await expect(tip(page)).toContainText("start_thread");
    expect((await flame.stats()).generation).toBe(generation);
  });
});

test.describe("the menu of a frame", () => {
  test("comes by a right click and copies names and stacks", async ({ page, open, flame }) => {
    const copied = await clipboard(page);
    await open();
    const { x, y } = await flame.centre(PARSE);
    await page.mouse.click(x, y, { button: "right" });
    await expect(menu(page)).toBeVisible();
    await expect(tip(page)).toHaveCount(0);
    await page.getByRole("menuitem", { name: "Copy name" }).click();
    expect(await copied()).toBe("com.shop.json.Json.parse");
    await expect(page.locator(".said")).toHaveText("Copied");
    await page.mouse.click(x, y, { button: "right" });
    await page.getByRole("menuitem", { name: "Copy stack" }).click();
    expect(await copied()).toBe(PARSE);
    await expect(menu(page)).toHaveCount(0);
  });

  test("comes by a key, is walked by arrows, and gives the focus back", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    const scroller = page.locator(".flame-scroller");
    await scroller.focus();
    await page.keyboard.press("ArrowDown");
    for (const key of ["m", "Shift+F10", "ContextMenu"]) {
      await page.keyboard.press(key);
      await expect(page.getByRole("menuitem", { name: /^Zoom in/ })).toBeFocused();
      await page.keyboard.press("ArrowDown");
      await expect(page.getByRole("menuitem", { name: /^Callers and callees/ })).toBeFocused();
      await page.keyboard.press("End");
      await expect(page.getByRole("menuitem", { name: "Leave out stacks with it" })).toBeFocused();
      await page.keyboard.press("Escape");
      await expect(menu(page)).toHaveCount(0);
      await expect(scroller).toBeFocused();
    }
    await page.keyboard.press("m");
    await page.keyboard.press("Enter");
    await expect(page.locator(".way [aria-current]")).toHaveText("start_thread");
  });

  test("finds a function in the table", async ({ page, open, flame }) => {
    await open("#/explore?v=1&panel=none");
    const { x, y } = await flame.centre(`${RENDER};com/shop/page/Template.apply`);
    await page.mouse.click(x, y, { button: "right" });
    await page.getByRole("menuitem", { name: "Find in the table" }).click();
    await expect(page.locator(".top-row.current")).toContainText("Template.apply");
    await expect(page).toHaveURL(/find=/);
  });

  test("hides what a function calls, a function, and stacks; chips take that off, links keep it", async ({ page, open, flame }) => {
    await open();
    const choose = async (path: string, item: string) => {
      const { x, y } = await flame.centre(path);
      await page.mouse.click(x, y, { button: "right" });
      await page.getByRole("menuitem", { name: item }).click();
      await expect(menu(page)).toHaveCount(0);
      await flame.settled();
    };
    await choose(RENDER, "Hide what it calls");
    await expect.poll(() => flame.rectOf(PARSE)).toBeNull();
    await expect(page).toHaveURL(/f=below%3Acom%2Fshop%2Fpage%2FPage.render/);
    await choose(HANDLE, "Hide this function, keep what it calls");
    const short = RENDER.replace(";com/shop/http/Router.handle", "");
    await expect.poll(() => flame.rectOf(short)).not.toBeNull();
    await choose("runtime.goexit", "Leave out stacks with it");
    await expect.poll(() => flame.rectOf("runtime.goexit")).toBeNull();
    const hash = new URL(page.url()).hash;
    await open(hash);
    await flame.settled();
    await expect(page.locator(".transforms .chip")).toHaveCount(3);
    expect(await flame.rectOf(short)).not.toBeNull();
    for (let left = 3; left > 0; left--) await page.locator(".transforms .chip button").first().click();
    await expect(page.locator(".transforms")).toHaveCount(0);
    await expect.poll(() => flame.rectOf(PARSE)).not.toBeNull();
    expect(await flame.rectOf("runtime.goexit")).not.toBeNull();
  });
});

test.describe("frames without a name", () => {
  test("are grey, and fold into one by executable", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    const [r, g, b] = rgb((await flame.colourOf("redis-server+0x4a1c0"))!);
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(24);
    const [nr, , nb] = rgb((await flame.colourOf("start_thread"))!);
    expect(nr - nb).toBeGreaterThan(40);
    const legend = page.getByRole("list", { name: "Colours" });
    await expect(legend).toContainText("no symbols, 2.9% of self");
    await legend.getByRole("button", { name: "fold" }).click();
    const folded = "redis-server · no symbols";
    await expect.poll(() => flame.rectOf(folded)).not.toBeNull();
    expect(await flame.rectOf(`${folded};memcpy`)).not.toBeNull();
    expect(await flame.rectOf("redis-server+0x4a1c0")).toBeNull();
    await expect(page).toHaveURL(/f=unnamed/);
    await legend.getByRole("button", { name: "unfold" }).click();
    await expect.poll(() => flame.rectOf("redis-server+0x4a1c0;redis-server+0x4b2d0")).not.toBeNull();
  });

  test("are paler where inlined, and the legend names every kind that is there", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    const sum = (colour: string) => rgb(colour).reduce((a, b) => a + b, 0);
    const inlined = (await flame.colourOf(`${PARSE};com/shop/json/Json.readString`))!;
    expect(sum(inlined)).toBeGreaterThan(sum((await flame.colourOf(PARSE))!) + 40);
    for (const kind of ["kernel", "native", "Rust", "Go", "JVM", "incomplete", "inlined", "no symbols"]) {
      await expect(page.getByRole("list", { name: "Colours" })).toContainText(kind);
    }
  });
});

test.describe("frames of low confidence", () => {
  test("are marked in the picture, the tip, the line below, the tree and the legend", async ({ page, open, flame }) => {
    const words = "found by frame pointer: its caller may be missing";
    await open("#/explore?v=1&panel=tree");
    await flame.hover("legacy_main;legacy_hash");
    await expect(tip(page)).toContainText("legacy_hash [fp]");
    await expect(tip(page)).toContainText(words);
    await expect(page.locator(".status-line")).toContainText(words);
    await flame.hover(PARSE);
    await expect(tip(page)).not.toContainText(words);
    await expect(page.getByRole("list", { name: "Colours" })).toContainText("found by frame pointer");
    await flame.click("legacy_main;legacy_hash");
    await expect(page.getByRole("complementary", { name: "Frame" })).toContainText(words);
    await expect(page.getByRole("treegrid", { name: "Frames" }).locator(`[title="legacy_hash [fp], ${words}"]`)).toHaveText("legacy_hash [fp]");
    // The edge of the frame towards its caller is not of one colour.
    const rect = (await flame.rectOf("legacy_main;legacy_hash"))!;
    const edge = await page.evaluate(([x, y, width]) => {
      const element = document.querySelector("flame-graph")!;
      const canvas = element.querySelector("canvas")!;
      const scale = canvas.width / canvas.clientWidth;
      const { data } = canvas.getContext("2d")!.getImageData(Math.round(x * scale) + 1, Math.round(y * scale) + 1, Math.round(width * scale) - 4, 1);
      return new Set(new Uint32Array(data.buffer)).size;
    }, [rect.x, rect.y, rect.width]);
    expect(edge).toBeGreaterThan(1);
  });
});

test.describe("callers and callees", () => {
  test("of a function: from the menu, by a double click to the next, and back", async ({ page, open, flame }) => {
    await open();
    const { x, y } = await flame.centre(PARSE);
    await page.mouse.click(x, y, { button: "right" });
    await page.getByRole("menuitem", { name: /^Callers and callees/ }).click();
    await expect(page).toHaveURL(/fn=com%2Fshop%2Fjson%2FJson.parse/);
    const halves = page.locator("flame-graph");
    await expect(halves).toHaveCount(2);
    await expect(page.locator(".sandwich-line")).toContainText(/total 31\.\d%.*called from 1 place/);
    const rect = (half: number, path: string) =>
      halves.nth(half).evaluate((graph, p) => (graph as unknown as { rectOf(path: string): { x: number; y: number; width: number; height: number } | null }).rectOf(p), path);
    await expect.poll(() => rect(0, "com/shop/page/Page.render;com/shop/http/Router.handle")).not.toBeNull();
    await expect.poll(() => rect(1, "com/shop/json/Json.readString")).not.toBeNull();
    // Callers grow upwards: the nearest one lies right above the function, at the lower end.
    expect((await rect(0, ""))!.y).toBeGreaterThan((await rect(0, "com/shop/page/Page.render"))!.y);
    const at = (await rect(0, "com/shop/page/Page.render"))!;
    await halves.nth(0).dblclick({ position: { x: at.x + at.width / 2, y: at.y + at.height / 2 } });
    await expect(page.locator(".sandwich-name")).toHaveText("com.shop.page.Page.render");
    await page.goBack();
    await expect(page.locator(".sandwich-name")).toHaveText("com.shop.json.Json.parse");
    await page.keyboard.press("Escape");
    await expect(halves).toHaveCount(1);
    await expect(page).not.toHaveURL(/fn=/);
  });

  test("from the table, and by a key for the selected frame", async ({ page, open, flame }) => {
    await open();
    await flame.settled();
    await page.getByRole("button", { name: "callers and callees of tcp_sendmsg [k]" }).click();
    await expect(page.locator(".sandwich-name")).toHaveText("tcp_sendmsg [k]");
    await page.locator(".top-row .cell-button", { hasText: "Page.render" }).click();
    await expect(page.locator(".sandwich-name")).toHaveText("com.shop.page.Page.render");
    await page.getByRole("button", { name: "← Whole graph" }).click();
    await flame.click(PARSE);
    await page.keyboard.press("s");
    await expect(page.locator(".sandwich-name")).toHaveText("com.shop.json.Json.parse");
  });

  test("of a function that is not there say so, with a way back", async ({ page, open }) => {
    await open("#/explore?v=1&fn=nowhere");
    await expect(page.getByRole("heading", { name: "This function is not in this profile" })).toBeVisible();
    await page.getByRole("button", { name: "Show the whole graph" }).click();
    await expect(page.locator("flame-graph")).toHaveCount(1);
  });
});

test.describe("incomplete stacks", () => {
  test("are told by reason with what each means, and by service", async ({ page, open, server, flame }) => {
    await open();
    await flame.settled();
    await page.locator(".totals").getByRole("button", { name: "complete 98.6%" }).click();
    await expect(page).toHaveURL(/panel=incomplete/);
    const panel = page.getByRole("region", { name: "Incomplete stacks" });
    await expect(panel.locator(".reasons li")).toHaveCount(2);
    await expect(panel.locator(".reasons li").first()).toContainText(/\[no frame pointer\].*1\.0%.*compiled without frame pointers.*-fno-omit-frame-pointer/s);
    await expect(panel.locator(".by-service tr")).toHaveCount(12);
    await expect(panel.locator(".by-service tr").first()).toContainText(/checkout.*1\.4%/);
    expect(server.requests.filter((request) => request.includes("maxNodes=1")).length).toBe(12);
    await panel.getByRole("button", { name: "[stack-too-deep]" }).click();
    await expect(page.locator(".way [aria-current]")).toHaveText("[stack-too-deep]");
    await panel.getByRole("button", { name: "cart" }).click();
    await expect(page).toHaveURL(/service_name%3D%22cart%22/);
  });
});

/** A clock that the test moves; the service shows the same, or the page would think that clocks differ. */
async function ownClock(page: Page): Promise<void> {
  await page.clock.install();
  await page.addInitScript(() => {
    const fetched = window.fetch;
    window.fetch = async (input, init) => {
      const asked = Date.now();
      const response = await fetched(input, init);
      if (!String(input).includes("/status")) return response;
      const status = await response.json();
      return new Response(JSON.stringify({ ...status, nowMillis: (asked + Date.now()) / 2 }));
    };
  });
}

test.describe("time", () => {
  test("is the last 15 minutes at first, in the address, and follows the clock until it is paused", async ({ page, open, server, flame }) => {
    await ownClock(page);
    await open();
    await flame.settled();
    await expect(page).toHaveURL(/from=now-15m&to=now/);
    await expect(page.getByRole("button", { name: "time range: last 15m" })).toBeVisible();
    const asked = () => server.requests.filter((request) => request.includes("/flamegraph")).length;
    await expect.poll(asked).toBe(1);
    await page.clock.runFor(16_000);
    await expect.poll(asked).toBe(2);
    await expect(page.locator(".flame-host.dimmed")).toHaveCount(0);
    await page.getByRole("button", { name: "live" }).click();
    await expect(page).toHaveURL(/live=0/);
    await page.clock.runFor(40_000);
    expect(asked()).toBe(2);
    await page.getByRole("button", { name: "paused" }).click();
    await expect(page).not.toHaveURL(/live=/);
    await page.clock.runFor(16_000);
    await expect.poll(asked).toBe(3);
  });

  test("does not move under the pointer, and catches up when it leaves", async ({ page, open, server, flame }) => {
    await ownClock(page);
    await open();
    await flame.hover(PARSE);
    await expect(tip(page)).toBeVisible();
    const asked = () => server.requests.filter((request) => request.includes("/flamegraph")).length;
    const before = asked();
    await page.clock.runFor(40_000);
    expect(asked()).toBe(before);
    await page.mouse.move(5, 300);
    await expect.poll(asked).toBe(before + 1);
  });

  test("that is fixed leads back to now by a click", async ({ page, open, flame }) => {
    const now = Date.now();
    await open(`#/explore?v=1&from=${now - 7200e3}&to=${now - 3600e3}`);
    await flame.settled();
    await page.getByRole("button", { name: "go to now" }).click();
    await expect(page).toHaveURL(/from=now-15m&to=now/);
    await expect(page.getByRole("button", { name: "live" })).toBeVisible();
  });
});

test.describe("state in the address", () => {
  test("names the services that are open", async ({ page, open }) => {
    await open();
    await page.getByRole("button", { name: "pods of cart" }).click();
    await expect(page).toHaveURL(/open=cart/);
    await page.reload();
    await expect(page.locator(".pods")).toHaveCount(1);
  });

  test("selects details as before", async ({ page, open, flame }) => {
    await open();
    await flame.click(PARSE);
    await expect(details(page)).toContainText("Callers and callees");
  });
});

function rgb(colour: string): number[] {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
}

test.describe("the export menu", () => {
  test("takes the selection elsewhere in every format, by keys alone", async ({ page, open, server }) => {
    await open("#/explore?v=1&q=%7Bservice_name%3D%22checkout%22%7D&type=wall%3Awall%3Ananoseconds%3Awall%3Ananoseconds");
    const button = page.getByRole("button", { name: "Export", exact: true });
    await expect(button).toHaveAttribute("aria-expanded", "false");
    await button.focus();
    await page.keyboard.press("Enter");
    await expect(button).toHaveAttribute("aria-expanded", "true");
    await expect(page.getByRole("menuitem", { name: "pprof" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(menu(page)).toHaveCount(0);
    await expect(button).toBeFocused();
    for (const [downs, format, name] of [
      [0, "pprof", "checkout.pb.gz"],
      [1, "collapsed", "checkout.collapsed.txt"],
      [2, "speedscope", "checkout.speedscope.json"],
      [3, "", "checkout.json"],
      [4, "pgo", "checkout.pgo"],
    ] as const) {
      server.requests = [];
      await button.focus();
      await page.keyboard.press("Enter");
      await expect(page.getByRole("menuitem", { name: "pprof" })).toBeFocused();
      for (let i = 0; i < downs; i++) await page.keyboard.press("ArrowDown");
      const started = page.waitForEvent("download");
      await page.keyboard.press("Enter");
      const download = await started;
      expect(download.suggestedFilename()).toBe(name);
      await download.path();
      await expect(menu(page)).toHaveCount(0);
      const asked = server.requests.map((path) => new URL(path, "http://x")).filter((url) => url.pathname === "/api/v1/flamegraph");
      const exported = asked.map((url) => url.searchParams).find((params) => (params.get("format") ?? "") === format)!;
      expect(exported.get("query")).toBe('{service_name="checkout"}');
      expect(exported.get("type")).toBe("wall:wall:nanoseconds:wall:nanoseconds");
      expect(Number(exported.get("until"))).toBeGreaterThan(Number(exported.get("from")));
    }
  });

  test("is not there where there is nothing to take", async ({ page, open, server }) => {
    server.reset({ empty: "no-profiles-in-range" });
    await open();
    await expect(page.locator(".empty")).toBeVisible();
    await expect(page.getByRole("button", { name: "Export", exact: true })).toHaveCount(0);
  });
});
