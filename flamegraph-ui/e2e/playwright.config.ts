import { defineConfig } from "@playwright/test";
import { launch } from "./browser.ts";

export default defineConfig({
  testDir: ".",
  outputDir: "../target/e2e",
  reporter: [["list"]],
  timeout: 30_000,
  expect: { timeout: 5_000 },
  workers: 1,
  forbidOnly: true,
  use: { browserName: "chromium", launchOptions: launch, viewport: { width: 1440, height: 900 }, trace: "off" },
  projects: [
    { name: "page", testMatch: "*.spec.ts" },
    { name: "bench", testMatch: "*.bench.ts" },
    { name: "shots", testMatch: "*.shots.ts" },
  ],
});
