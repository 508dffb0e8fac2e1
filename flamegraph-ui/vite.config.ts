import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the page works below any prefix of a proxy.
  base: "./",
  logLevel: "warn",
  build: {
    outDir: process.env.FLAREPATH_UI_OUT ?? "target/classes/META-INF/flarepath-ui",
    emptyOutDir: true,
    target: "es2022",
    // Inline scripts and data: addresses break `default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 200,
  },
  server: { proxy: { "/api": "http://127.0.0.1:4040" } },
});
