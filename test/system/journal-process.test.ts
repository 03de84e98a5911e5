import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { JournalReader, Position } from "../../broker/journal/journal.ts";
import { openJournalReader } from "../../broker/journal/segment-reader.ts";
import {
  append,
  contents,
  message,
  openWriter,
  silent,
  temporaryDirectory,
  until,
} from "../broker/journal/journal-tools.ts";

interface Publisher {
  process: ChildProcess;
  /** the highest number acknowledged in this run */
  acknowledged(): number;
  /** resolves with the exit code, or the signal's name */
  ended: Promise<number | string>;
}

function publish(directory: string, run: number, limit?: number): Publisher {
  const script = join(import.meta.dirname, "journal-publisher.ts");
  const args = ["--import", "tsx", script, directory, String(run), ...(limit === undefined ? [] : [String(limit)])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-64);
  });
  return {
    process: child,
    acknowledged: () => Number(text.split("\n").at(-2) ?? 0),
    ended: once(child, "close").then(([code, signal]) => (code ?? signal) as number | string),
  };
}

/** Polls the journal as ingest does until `stopped`, and records the numbers of each run. */
async function follow(reader: JournalReader, numbers: Map<string, number[]>, stopped: () => boolean): Promise<void> {
  let cursor: Position = await reader.oldest();
  for (;;) {
    const finished = stopped();
    const frames = await reader.read(cursor, 1 << 20);
    for (const frame of frames) {
      for (const { payload } of frame.messages) {
        const [run = "", number = ""] = payload.toString().split(":");
        const known = numbers.get(run) ?? [];
        known.push(Number(number));
        numbers.set(run, known);
      }
    }
    cursor = frames.at(-1)?.next ?? cursor;
    if (frames.length === 0 && finished) return;
    if (frames.length === 0) await sleep(2);
  }
}

describe("a writer and a reader in two processes", () => {
  test("at full speed: all of 300,000 messages are read once and in order, while they are written", async () => {
    const directory = await temporaryDirectory();
    const publisher = publish(directory, 1, 300_000);
    let ended: number | string | undefined;
    void publisher.ended.then((how) => (ended = how));
    const reader = await openJournalReader({ directory, log: silent });
    const numbers = new Map<string, number[]>();
    await follow(reader, numbers, () => ended !== undefined);
    await reader.close();
    expect(ended).toBe(0);
    const seen = numbers.get("1") ?? [];
    expect(seen.length).toBe(300_000);
    expect(seen.every((number, index) => number === index + 1)).toBe(true);
  });

  test("ten writers killed in a row: every acknowledged message is read once and in order", async () => {
    const directory = await temporaryDirectory();
    const acknowledged: number[] = [];
    const numbers = new Map<string, number[]>();
    const corruptions: unknown[] = [];
    let done = false;
    const following = (async (): Promise<void> => {
      const reader = await openJournalReader({ directory, log: silent });
      reader.onCorruption((corruption) => corruptions.push(corruption));
      await follow(reader, numbers, () => done);
      await reader.close();
    })();
    for (let run = 0; run < 10; run += 1) {
      const publisher = publish(directory, run);
      await until("the first acknowledgement", () => publisher.acknowledged() > 0);
      await sleep(20 + run * 15);
      publisher.process.kill("SIGKILL");
      expect(await publisher.ended).toBe("SIGKILL");
      acknowledged.push(publisher.acknowledged());
    }
    const writer = await openWriter(directory);
    await append(writer, message("end:1"));
    done = true;
    await following;
    await writer.close();
    for (const [run, highest] of acknowledged.entries()) {
      const seen = numbers.get(String(run)) ?? [];
      expect(seen.every((number, index) => number === index + 1)).toBe(true);
      expect(seen.length).toBeGreaterThanOrEqual(highest);
    }
    expect(numbers.get("end")).toEqual([1]);
    expect(corruptions).toEqual([]);
    expect(acknowledged.reduce((sum, highest) => sum + highest, 0)).toBeGreaterThan(10_000);
  });
});

describe("one writer per directory", () => {
  test("a second writer waits, then fails with the reason; a killed writer leaves no lock behind", async () => {
    const directory = await temporaryDirectory();
    const publisher = publish(directory, 1);
    await until("the first acknowledgement", () => publisher.acknowledged() > 0);
    await expect(openWriter(directory, { lockWaitMs: 300 })).rejects.toThrow(/is locked by another process/);
    const waiting = openWriter(directory);
    await sleep(100);
    publisher.process.kill("SIGKILL");
    await publisher.ended;
    const writer = await waiting;
    await append(writer, message("mine"));
    await writer.close();
    expect((await contents(directory)).payloads.at(-1)).toBe("mine");
  });

  test("of ten that start together exactly one gets the lock, also with a long path", async () => {
    const directories = [await temporaryDirectory(), join(await temporaryDirectory(), "long".repeat(30))];
    const race = async (directory: string): Promise<void> => {
      const tries = Array.from({ length: 10 }, () => openWriter(directory, { lockWaitMs: 3000 }));
      const ends = await Promise.allSettled(tries);
      const winners = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
      expect(winners).toHaveLength(1);
      await Promise.all(winners.map((writer) => writer.close()));
    };
    await Promise.all(directories.map(race));
  });
});
