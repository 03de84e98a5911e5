import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Position } from "../../../broker/journal/journal.ts";
import { requires } from "../../support/requires.ts";
import { FailingDisk } from "./simulated-disk.ts";
import { append, contents, message, openWriter, silent, temporaryDirectory, until } from "./journal-tools.ts";

/** What one life of the broker is like: when the power goes (in operations on the disk), and what is published. */
const life = fc.record({
  operations: fc.integer({ min: 1, max: 80 }),
  bursts: fc.array(fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 12 }), { maxLength: 12 }),
  /** after which of the bursts a consumer reads on */
  reads: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  /** how many syncs fail before each of the bursts */
  failingSyncs: fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: 12, maxLength: 12 }),
});

class Consumer {
  readonly seen: string[] = [];
  #cursor: Position | undefined;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async readOn(): Promise<void> {
    const { payloads, end } = await contents(this.#directory, this.#cursor);
    this.seen.push(...payloads.map((payload) => payload.trimEnd()));
    this.#cursor = end;
  }
}

describe("whatever moment the power goes", () => {
  test("what was acknowledged is there, in order, and a consumer meets it exactly once", async () => {
    let acknowledgedInAll = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(life, { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 999 })),
        async (lives, chances) => {
          const directory = await temporaryDirectory();
          const disk = new FailingDisk(() => (chances.next().value ?? 0) / 1000);
          const appended = new Set<string>();
          const acknowledged: string[] = [];
          const consumer = new Consumer(directory);
          let number = 0;
          for (const { operations, bursts, reads, failingSyncs } of lives) {
            disk.operationsLeft = operations;
            const writer = await openWriter(directory, {
              files: disk,
              frameBytes: 5000,
              segmentBytes: 8000,
              lingerMs: 0,
            }).catch(() => undefined);
            for (const [index, burst] of bursts.entries()) {
              if (!writer || disk.dead) break;
              disk.failingSyncs = failingSyncs[index] ?? 0;
              const answers = burst.map(async (size) => {
                const text = String((number += 1));
                appended.add(text);
                await append(writer, message(text.padEnd(size))).then(
                  () => acknowledged.push(text),
                  () => undefined,
                );
              });
              if (reads[index]) await consumer.readOn();
              await Promise.all(answers);
            }
            // Nothing that is done after the power went reaches the disk.
            disk.operationsLeft = Math.min(disk.operationsLeft, 0);
            await writer?.close();
            await disk.losePower();
          }
          const writer = await openWriter(directory);
          await append(writer, message("the end"));
          await writer.close();
          await consumer.readOn();
          const found = (await contents(directory)).payloads.map((payload) => payload.trimEnd());
          for (const text of found) expect(text === "the end" || appended.has(text)).toBe(true);
          const known = new Set(acknowledged);
          expect(found.filter((text) => known.has(text))).toEqual(acknowledged);
          expect(consumer.seen.filter((text) => known.has(text))).toEqual(acknowledged);
          expect(consumer.seen.at(-1)).toBe("the end");
          acknowledgedInAll += acknowledged.length;
        },
      ),
      { numRuns: 150, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
    );
    // A property over empty sets would prove nothing.
    expect(acknowledgedInAll).toBeGreaterThan(500);
  }, 90_000);
});

describe("a failing fdatasync", () => {
  test("acknowledges nothing of its flush, is not tried again on that file, and heals", async () => {
    const directory = await temporaryDirectory();
    const disk = new FailingDisk();
    const writer = await openWriter(directory, { files: disk });
    await append(writer, message("before"));
    disk.failingSyncs = 1;
    const flush = await Promise.allSettled(["a", "b", "c"].map((text) => append(writer, message(text))));
    expect(flush.map((answer) => answer.status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(String(flush[0]?.status === "rejected" && flush[0].reason)).toMatch(
      /not stored: the disk .* refuses to store: .*EIO/,
    );
    await until("the journal stores again", () => writer.state === "ready");
    await append(writer, message("after"));
    const { end } = await contents(directory);
    expect(end.segment).toBe(2);
    disk.operationsLeft = 0;
    await writer.close();
    await disk.losePower();
    const { payloads, damages } = await contents(directory);
    expect(payloads).toEqual(["before", "after"]);
    expect(damages).toEqual([]);
  });

  test("that goes on failing says why, and heals by itself within seconds without any traffic", async () => {
    const directory = await temporaryDirectory();
    const disk = new FailingDisk();
    const writer = await openWriter(directory, { files: disk, log: silent });
    await append(writer, message("before"));
    disk.failingSyncs = Number.POSITIVE_INFINITY;
    await expect(append(writer, message("lost"))).rejects.toThrow("EIO");
    expect(writer.state).toBe("failing");
    expect(writer.failureReason).toContain(directory);
    await expect(append(writer, message("refused at once"))).rejects.toThrow("EIO");
    expect(writer.pending()).toEqual({ messages: 0, bytes: 0 });
    disk.failingSyncs = 0;
    await until("the journal stores again", () => writer.state === "ready", 5000);
    expect(writer.failureReason).toBeUndefined();
    await append(writer, message("after"));
    await writer.close();
    const { payloads, damages } = await contents(directory);
    expect(payloads).toEqual(["before", "after"]);
    expect(damages).toEqual([]);
  });
});

test("fdatasync failing in the kernel: nothing it covered is acknowledged, and the process heals by itself", async (context) => {
  const strace = requires("strace");
  context.skip(strace === undefined, "strace is not on this machine");
  const directory = await temporaryDirectory();
  const script = join(import.meta.dirname, "slow-publisher.ts");
  const inject = [
    "-f",
    "-qq",
    "-o",
    "/dev/null",
    "-e",
    "trace=fdatasync",
    "-e",
    "inject=fdatasync:error=EIO:when=10..12",
  ];
  const args = [...inject, process.execPath, "--import", "tsx", script, directory, "20"];
  const { stdout } = await promisify(execFile)(strace ?? "", args, { timeout: 25_000 });
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const stored = lines.flatMap(([how, number = ""]) => (how === "stored" ? [number] : []));
  const refused = lines.filter(([how]) => how === "refused");
  expect(refused.length).toBeGreaterThan(0);
  expect(lines.at(-1)?.[2]).toBe("ready");
  const { payloads, damages } = await contents(directory);
  expect(payloads).toEqual(stored);
  expect(damages).toEqual([]);
});
