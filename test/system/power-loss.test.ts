import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Position } from "../../broker/journal/journal.ts";
import { requires } from "../support/requires.ts";
import { FailingDisk } from "../broker/journal/simulated-disk.ts";
import {
  append,
  contents,
  message,
  openWriter,
  silent,
  temporaryDirectory,
  until,
} from "../broker/journal/journal-tools.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** One run of the broker: after how many disk operations the power fails, and what is published. */
const run = fc.record({
  operations: fc.integer({ min: 1, max: 80 }),
  bursts: fc.array(fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 12 }), { maxLength: 12 }),
  /** after which bursts the consumer reads */
  reads: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  /** how many syncs fail during each burst */
  failingSyncs: fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: 12, maxLength: 12 }),
});

class Consumer {
  readonly seen: string[] = [];
  #cursor: Position | undefined;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async read(): Promise<void> {
    const { payloads, end } = await contents(this.#directory, this.#cursor);
    this.seen.push(...payloads.map((payload) => payload.trimEnd()));
    this.#cursor = end;
  }
}

describe("a power loss at any moment", () => {
  test("all acknowledged messages are there, in order, and a consumer reads each exactly once", async () => {
    let acknowledgedCount = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(run, { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 999 })),
        async (runs, chances) => {
          const directory = await temporaryDirectory();
          const disk = new FailingDisk(() => (chances.next().value ?? 0) / 1000);
          const appended = new Set<string>();
          const acknowledged: string[] = [];
          const consumer = new Consumer(directory);
          let number = 0;
          for (const { operations, bursts, reads, failingSyncs } of runs) {
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
              if (reads[index]) await consumer.read();
              await Promise.all(answers);
            }
            // Operations after the power loss do not reach the disk.
            disk.operationsLeft = Math.min(disk.operationsLeft, 0);
            await writer?.close();
            await disk.losePower();
          }
          const writer = await openWriter(directory);
          await append(writer, message("the end"));
          await writer.close();
          await consumer.read();
          const found = (await contents(directory)).payloads.map((payload) => payload.trimEnd());
          for (const text of found) expect(text === "the end" || appended.has(text)).toBe(true);
          const known = new Set(acknowledged);
          expect(found.filter((text) => known.has(text))).toEqual(acknowledged);
          expect(consumer.seen.filter((text) => known.has(text))).toEqual(acknowledged);
          expect(consumer.seen.at(-1)).toBe("the end");
          acknowledgedCount += acknowledged.length;
        },
      ),
      { numRuns: 150, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
    );
    // With few acknowledged messages the property would prove nothing.
    expect(acknowledgedCount).toBeGreaterThan(500);
  }, 90_000);
});

describe("a failing fdatasync", () => {
  test("acknowledges no message of its flush, is not retried on that file, and the journal recovers", async () => {
    const directory = await temporaryDirectory();
    const disk = new FailingDisk();
    const writer = await openWriter(directory, { files: disk });
    await append(writer, message("before"));
    disk.failingSyncs = 1;
    const flush = await Promise.allSettled(["a", "b", "c"].map((text) => append(writer, message(text))));
    expect(flush.map((answer) => answer.status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(String(flush[0]?.status === "rejected" && flush[0].reason)).toMatch(/not stored: the disk .* failed: .*EIO/);
    await until("the journal is ready again", () => writer.state === "ready");
    await append(writer, message("after"));
    const { end } = await contents(directory);
    expect(end.segment).toBe(2);
    disk.operationsLeft = 0;
    await writer.close();
    await disk.losePower();
    const { payloads, corruptions } = await contents(directory);
    expect(payloads).toEqual(["before", "after"]);
    expect(corruptions).toEqual([]);
  });

  test("that keeps failing is explained, and the journal recovers within seconds, also without traffic", async () => {
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
    await until("the journal is ready again", () => writer.state === "ready", 5000);
    expect(writer.failureReason).toBeUndefined();
    await append(writer, message("after"));
    await writer.close();
    const { payloads, corruptions } = await contents(directory);
    expect(payloads).toEqual(["before", "after"]);
    expect(corruptions).toEqual([]);
  });
});

test("fdatasync failing in the kernel: no message of that flush is acknowledged, and the process recovers by itself", async (context) => {
  const strace = requires("strace");
  context.skip(strace === undefined, "strace is not on this machine");
  const directory = await temporaryDirectory();
  const script = join(import.meta.dirname, "..", "broker", "journal", "slow-publisher.ts");
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
  const { payloads, corruptions } = await contents(directory);
  expect(payloads).toEqual(stored);
  expect(corruptions).toEqual([]);
});
