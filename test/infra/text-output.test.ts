import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, readSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLogger } from "../../infra/runtime/logger.ts";
import { openTextOutput } from "../../infra/runtime/text-output.ts";
import { smallDiskTest } from "../support/small-disk.ts";

const linux = process.platform === "linux";

test.skipIf(!linux)("a log on a full device loses its lines, plain and pretty, and throws nothing", () => {
  const full = openSync("/dev/full", "w");
  for (const LOG_PRETTY of [false, true]) {
    const log = createLogger({ LOG_LEVEL: "info", LOG_PRETTY }, "test", full);
    for (let line = 0; line < 100; line += 1) log.info({ line }, "lost");
    log.fatal(new Error("lost too"));
  }
  closeSync(full);
});

smallDiskTest()(
  "once a disk has room again, lines stand on lines of their own, and one tells how many were lost",
  async ({ disk }) => {
    const file = join(disk.folder, "log");
    const descriptor = openSync(file, "a");
    try {
      const log = createLogger({ LOG_LEVEL: "info", LOG_PRETTY: false }, "test", descriptor);
      log.info("before");
      const filler = join(disk.folder, "filler");
      await writeFile(filler, Buffer.alloc(64 * 1024 * 1024)).catch(() => undefined);
      // The last block of the file has room for one of these and a part of the next.
      for (let line = 0; line < 10; line += 1) log.info("x".repeat(3_000));
      await rm(filler);
      log.info("after");
      const lines = readFileSync(file, "utf8").trimEnd().split("\n");
      const whole = lines
        .filter((line) => line.endsWith("}"))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.length - whole.length).toBe(1);
      expect(whole[0]?.["msg"]).toBe("before");
      expect(whole.at(-2)?.["msg"]).toBe("after");
      expect(whole.at(-1)).toMatchObject({
        msg: "log lines were lost: they could not be written",
        lines: 10 - (whole.length - 3),
      });
    } finally {
      closeSync(descriptor);
    }
  },
);

describe.skipIf(!linux)("a pipe", () => {
  let folder: string;
  let reader: number;
  let writer: number;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waystock-output-"));
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    writer = openSync(pipe, constants.O_WRONLY);
  });
  afterAll(async () => {
    closeSync(writer);
    await rm(folder, { recursive: true, force: true });
  });

  /** Reads until nothing has come for 200 ms. */
  async function readAll(): Promise<string> {
    const bytes = Buffer.alloc(65_536);
    let text = "";
    for (let idle = 0; idle < 10; idle += 1) {
      await sleep(20);
      try {
        for (let read = 1; read > 0; text += bytes.toString("latin1", 0, read)) {
          read = readSync(reader, bytes);
          idle = 0;
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
    }
    return text;
  }

  const line = (number: number) => `${number} `.padEnd(99, "x");

  test("whose reader pauses holds nobody up, and loses nothing up to 1 MiB", async () => {
    const output = openTextOutput(writer);
    const lines = Array.from({ length: 9_000 }, (_, number) => line(number));
    for (const text of lines) output.write(`${text}\n`);
    expect(await readAll()).toBe(`${lines.join("\n")}\n`);
  });

  test("whose reader has stopped costs the lines beyond 1 MiB, and their number is told", async () => {
    const lost: number[] = [];
    const output = openTextOutput(writer, (count) => lost.push(count));
    for (let number = 0; number < 30_000; number += 1) output.write(`${line(number)}\n`);
    const lines = (await readAll()).trimEnd().split("\n");
    expect(lines.length * 100).toBeGreaterThan(1024 * 1024);
    expect(lines.length * 100).toBeLessThan(1024 * 1024 + 2 * 65_536);
    expect(lines).toEqual(lines.map((_, number) => line(number)));
    expect(lost).toEqual([30_000 - lines.length]);
  });

  test("whose reader has gone costs the lines, not the process", () => {
    closeSync(reader);
    const output = openTextOutput(writer);
    for (let number = 0; number < 1_000; number += 1) output.write(`${line(number)}\n`);
  });
});

test("what waits for a slow reader is written before the process exits", () => {
  const body = `import { openTextOutput } from "./infra/runtime/text-output.ts"; const out = openTextOutput(1); for (let n = 0; n < 3_000; n += 1) out.write("x".repeat(99) + "\\n"); process.exit(0);`;
  const program = `'${process.execPath}' --import tsx --input-type=module -e '${body}'`;
  const counted = execFileSync("bash", ["-c", `${program} | (sleep 0.1; wc -c)`], { encoding: "utf8" });
  expect(Number(counted)).toBe(300_000);
});
