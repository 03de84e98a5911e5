import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import { connectInflux } from "../../infra/influx/connection.ts";
import { startAwakeClock } from "../support/awake-clock.ts";

/** A query may take eight seconds; the rest is for a machine that is busy. */
const LIMIT_MS = 8_000;
const ROOM_MS = 4_000;

/** Answers pings, and falls silent before or within the answer to a query. */
const server = createServer((request, response) => {
  if (request.url === "/ping") response.writeHead(204, { "x-influxdb-version": "v2.7.1" }).end();
  else if (request.url?.includes("db=half")) response.writeHead(200).write('{"results":[');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("a series store that falls silent before or within its answer fails the query in time, whatever the garbage collector does", async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const collecting = setInterval(collect, 20);
  const answers = ["none", "half"].map(async (bucket) => {
    const influx = await connectInflux({ url, api: "v2", bucket });
    const began = performance.now();
    const awakeMs = startAwakeClock();
    const error: unknown = await influx.query("SELECT 1").catch((cause: unknown) => cause);
    expect(performance.now() - began).toBeGreaterThan(LIMIT_MS - 100);
    expect(awakeMs()).toBeLessThan(LIMIT_MS + ROOM_MS);
    // Without a status: the server is away, and the query is tried again.
    expect(error).toMatchObject({
      name: "Error",
      status: undefined,
      message: expect.stringContaining("timeout") as unknown,
    });
  });
  await Promise.all(answers).finally(() => clearInterval(collecting));
}, 30_000);
