import { expect, test as base, type Page } from "@playwright/test";
import { Flame } from "./flame.ts";
import { MockServer } from "./server.ts";

/** The page on a made-up service, and its flame graph; a test fails when the browser reports an error. */
export const test = base.extend<{ flame: Flame; server: MockServer; open: (hash?: string) => Promise<void> }, { mock: { server: MockServer; url: string } }>({
  mock: [
    async ({}, use) => {
      const server = new MockServer();
      const url = await server.start();
      await use({ server, url });
      await server.stop();
    },
    { scope: "worker" },
  ],
  server: async ({ mock }, use) => {
    mock.server.reset();
    await use(mock.server);
  },
  flame: async ({ page }, use) => use(new Flame(page)),
  open: async ({ page, mock, server }, use) => {
    void server;
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !/Failed to load resource/.test(message.text())) problems.push(message.text());
    });
    await use(async (hash = "") => {
      await page.goto("about:blank");
      await page.goto(`${mock.url}/${hash}`);
    });
    expect(problems, "errors in the console, a broken content policy among them").toEqual([]);
  },
});

/** To be called by every file of tests: against a real service only the smoke part makes sense, its profiles are not known here. */
export function madeUpOnly(): void {
  base.skip(process.env.FLAREPATH_URL !== undefined, "FLAREPATH_URL is set: only the smoke part runs");
}

/** Paths in the made-up shop. */
export const HANDLE = "start_thread;java/lang/Thread.run;io/vertx/core/impl/EventLoop.run;com/shop/http/Router.handle";
export const RENDER = `${HANDLE};com/shop/page/Page.render`;
export const PARSE = `${RENDER};com/shop/json/Json.parse`;
export const details = (page: Page) => page.getByRole("complementary", { name: "Frame" });
