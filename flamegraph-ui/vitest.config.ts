import { defineConfig } from "vitest/config";

export default defineConfig({
  // Property tests wait for a processor on a busy machine: what hangs is told from what waits only by a long time.
  test: { include: ["test/**/*.test.ts"], environment: "node", reporters: ["dot"], testTimeout: 120_000 },
});
