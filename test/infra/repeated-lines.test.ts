import { openSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogger } from "../../infra/runtime/logger.ts";
import { createRepeatFilter } from "../../infra/runtime/repeated-lines.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waystock-lines-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function openLog() {
  const file = join(folder, `${Math.random()}.log`);
  const log = createLogger({ LOG_LEVEL: "info", LOG_PRETTY: false }, "test", openSync(file, "a"));
  const lines = () =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { msg: string; err?: { message: string; stack?: string } });
  return { log, lines };
}

const refused = () => Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });

test("an outage that 16 connections and every retry report is one line each, without a stack", () => {
  const { log, lines } = openLog();
  for (let retry = 0; retry < 20; retry += 1) {
    log.warn({ err: refused(), retryMs: 250 * retry }, "connection lost; reconnecting");
    log.child({ pool: "api" }).warn({ err: refused() }, "idle connection lost");
  }
  log.info("reconnected");
  expect(lines().map(({ msg }) => msg)).toEqual([
    "connection lost; reconnecting",
    "idle connection lost",
    "reconnected",
  ]);
  expect(lines()[0]?.err).toMatchObject({ message: "connect ECONNREFUSED 127.0.0.1:5432", code: "ECONNREFUSED" });
  expect(lines()[0]?.err).not.toHaveProperty("stack");
});

test("another error is another line, with its stack; lines without an error are all logged", () => {
  const { log, lines } = openLog();
  for (const reason of ["one", "two"]) log.error({ err: new TypeError(reason) }, "it failed");
  for (let time = 0; time < 3; time += 1) log.warn({ time }, "exited unexpectedly; restarting");
  expect(lines()).toHaveLength(5);
  expect(lines()[1]?.err?.stack).toContain("repeated-lines.test.ts");
});

test("after a minute the line comes again, with the number of those between", () => {
  let now = 0;
  const decide = createRepeatFilter(() => now);
  expect(decide("a")).toEqual({ isLogged: true, repeated: 0 });
  for (; now < 59_000; now += 1_000) expect(decide("a")).toEqual({ isLogged: false });
  now = 61_000;
  expect(decide("a")).toEqual({ isLogged: true, repeated: 59 });
  expect(decide("b")).toEqual({ isLogged: true, repeated: 0 });
});
