// A Hono route that answers a small JSON object, without our code: the reference for the API. Exits with its parent.
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();
app.get("/", (c) => c.json({ hello: "world" }));
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => process.send(port));
process.once("disconnect", () => process.exit(0));
