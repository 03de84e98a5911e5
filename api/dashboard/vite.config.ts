import { join } from "node:path";
import { defineConfig } from "vite";

// The Content-Security-Policy is `default-src 'self'`: no data: URLs and no inline scripts, every asset is a file.
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [
    {
      // `npm run dev` serves the source of the service worker where the build puts it.
      name: "push-worker",
      configureServer({ middlewares }) {
        middlewares.use((request, _response, next) => {
          if (request.url === "/push-worker.js") request.url = "/push-worker.ts";
          next();
        });
      },
    },
  ],
  build: {
    outDir: "../../.build/dashboard",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: "es2022",
    rolldownOptions: {
      input: {
        main: join(import.meta.dirname, "index.html"),
        "push-worker": join(import.meta.dirname, "push-worker.ts"),
      },
      output: {
        // Browsers know a service worker by its address, which must stay and lie at the top: it may serve no page above it.
        entryFileNames: ({ name }) => (name === "push-worker" ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
