// Builds the page into api/site, with a note of what it was built from (see built.ts).
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { built } from "./built.ts";

const service = process.env.FOREBAY_PAGE_SERVICE ?? "http://127.0.0.1:8420";

export default defineConfig({
  base: "./",
  plugins: [svelte(), built()],
  build: {
    outDir: "../api/site",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    target: ["chrome123", "firefox121", "safari17.5"], // know light-dark(), of 2024
    assetsInlineLimit: 0, // the policy allows no inline script or font
    chunkSizeWarningLimit: 400,
  },
  server: {
    proxy: Object.fromEntries(
      ["/v1", "/metrics", "/readyz", "/openapi.json"].map((path) => [path, service]),
    ),
  },
});
