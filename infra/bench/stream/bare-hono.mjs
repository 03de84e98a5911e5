// A bare Hono server, the reference for ours: `/stream` sends every viewer the same frame once a second, by the library's own
// means, and `/json` answers a small JSON text. It reads nothing and checks nobody. Exits with its parent.
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

let data = "[]";
process.on("message", (bytes) => (data = JSON.stringify("x".repeat(bytes))));

const app = new Hono();
app.get("/stream", (c) =>
  streamSSE(c, async (stream) => {
    for (let id = 1; !stream.aborted; id += 1) {
      await stream.writeSSE({ event: "positions", id: String(id), data });
      await sleep(1000);
    }
  }),
);
app.get("/json", (c) => c.json({ id: 1, tracking_number: "B1", status: "in_transit", stage: "transportation" }));
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => process.send(port));
process.once("disconnect", () => process.exit(0));
