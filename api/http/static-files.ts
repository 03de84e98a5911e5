import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv } from "../deps.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** Vite puts a hash of the content into names below `assets/`, so such a file never changes. */
const HASHED = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

/** Serves the files of `directory`. They are listed once at start, so no request can reach a path outside of it. */
export function serveStaticFiles(app: OpenAPIHono<ApiEnv>, directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(directory, file).split(sep).join("/")}`;
    const headers = {
      "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
      "Cache-Control": HASHED.test(path) ? "public, max-age=31536000, immutable" : "no-cache",
    };
    const serve = async (): Promise<Response> => new Response(new Uint8Array(await readFile(file)), { headers });
    app.get(path, serve);
    if (path === "/index.html") app.get("/", serve);
  }
}
