import { defineConfig } from "vite";

// Everything is a file of our own origin: nothing inlined as data:, no script in the HTML, so `default-src 'self'` holds.
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../.build/dashboard",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: "es2022",
  },
});
