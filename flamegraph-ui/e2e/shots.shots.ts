import { test } from "@playwright/test";
import { jvm, MockServer } from "./server.ts";

// Pictures of the page for people to look at, in target/shots.
for (const scheme of ["light", "dark"] as const) {
  test(`pictures in ${scheme}`, async ({ browser }) => {
    test.setTimeout(120_000);
    const server = new MockServer();
    const url = await server.start();
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: scheme });
    page.on("console", (message) => console.log(message.type(), message.text()));
    page.on("pageerror", (error) => console.log("error", error.message));
    const shoot = async (name: string, hash: string) => {
      await page.goto("about:blank");
      await page.goto(`${url}/${hash}`);
      await page.waitForSelector("flame-graph[data-settled], .rows-body :is(.endpoint-row, .call-row, .edge-row), .empty, .failure");
      await page.waitForSelector(".chart-host canvas, .compare, .map, .call-filters, .empty");
      await page.screenshot({ path: `target/shots/${name}-${scheme}.png` });
    };
    await shoot("explore", "#/explore?v=1&q={service_name%3D%22checkout%22}&from=now-15m");
    await page.getByRole("button", { name: "Record" }).click();
    const panel = page.getByRole("region", { name: "Record a JVM" });
    await panel.getByRole("checkbox", { name: "Locks" }).check();
    await panel.getByRole("button", { name: "Record" }).click();
    await panel.getByText("done", { exact: true }).waitFor();
    await page.screenshot({ path: `target/shots/record-${scheme}.png` });
    server.reset({ recordingStates: ["failed"], jvms: [jvm({ state: "refused", reason: "it does not export nmethod._compile_id" })] });
    await shoot("explore", "#/explore?v=1&q={service_name%3D%22checkout%22}&from=now-15m");
    await page.getByRole("button", { name: "Record" }).click();
    await panel.getByRole("button", { name: "Record" }).click();
    await panel.getByRole("alert").waitFor();
    await page.screenshot({ path: `target/shots/record-failed-${scheme}.png` });
    server.reset();
    await shoot("search", "#/explore?v=1&find=json&panel=tree&sel=start_thread&sel=java/lang/Thread.run&zoom=start_thread&zoom=java/lang/Thread.run");
    await shoot("compare", `#/compare?v=1&from=${Date.now() - 7200e3}&to=${Date.now() - 3600e3}&fromB=${Date.now() - 3600e3}&toB=${Date.now()}`);
    await shoot("endpoints", "#/endpoints?v=1&from=now-1h");
    await shoot("map", "#/map?v=1&from=now-1h");
    await shoot("map-edge", "#/map?v=1&from=now-1h&pick=service:checkout+service:payments");
    await page.waitForSelector(".map-details .lanes canvas");
    await page.screenshot({ path: `target/shots/map-edge-${scheme}.png` });
    server.reset({ noNetwork: "no-network-known" });
    await shoot("map-empty", "#/map?v=1&from=now-1h");
    server.reset();
    await shoot("calls", "#/calls?v=1&from=now-1h&span=00000000000003e9");
    server.reset({ noCalls: "no-calls-fulfil" });
    await shoot("calls-none", "#/calls?v=1&from=now-1h&errors=1&route=%2Fcart");
    server.reset({ nodes: 100_000, hiddenNodes: 4000 });
    await shoot("large", "#/explore?v=1");
    server.reset({ empty: "store-empty", agents: [] });
    await shoot("first-run", "#/explore?v=1");
    server.reset({ empty: "no-profiles-in-range", agents: [] });
    await shoot("empty", "#/explore?v=1");
    await page.close();
    await server.stop();
  });
}
