import type { LaunchOptions } from "@playwright/test";

/** Chromium of the machine, without what it does over the network by itself. */
export const launch: LaunchOptions = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--disable-lcd-text",
  ],
};
