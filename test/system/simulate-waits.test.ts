import { createServer, type Server } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Launched } from "../support/launched.ts";

/** Takes connections and says nothing. */
let silent: Server;
let port: number;
beforeAll(async () => {
  silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  port = (silent.address() as AddressInfo).port;
});
afterAll(() => void silent.close());

test.each([
  ["a broker that does not answer", (at: number) => ["--url", `mqtt://127.0.0.1:${at}`]],
  ["an API that does not answer", (at: number) => ["--api", `http://127.0.0.1:${at}`, "--token", "none"]],
])(
  "simulate before %s says what it does, every second, and stops at once on Ctrl-C",
  { timeout: 60_000 },
  async (_, options) => {
    const run = new Launched("simulate", {}, [
      "--trucks",
      "1",
      "--gates",
      "0",
      "--shelves",
      "0",
      "--probes",
      "0",
      ...options(port),
    ]);
    await run.says(/^ +\d+ s {2}connecting to mqtt/, { withinMs: 30_000 });
    await run.says(/^ +(?:[2-9]|\d\d) s {2}(connecting to|waiting for) /, { withinMs: 10_000 });
    run.child.kill("SIGINT");
    const { code, tookMs } = await run.ends();
    expect(code).toBe(130);
    expect(tookMs).toBeLessThan(1_000);
    expect(run.output).toContain("simulate: interrupted");
  },
);

test("simulate against an API that is not there says so with the reason, and fails", { timeout: 60_000 }, async () => {
  const run = new Launched("simulate", {}, ["--trucks", "1", "--api", "http://127.0.0.1:2", "--token", "none"]);
  await run.says(/waiting for the API at http:\/\/127\.0\.0\.1:2: fetch failed \(connect ECONNREFUSED/, {
    withinMs: 30_000,
  });
  expect((await run.ends(40_000)).code).toBe(1);
});
