import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { JournalWriter } from "../../broker/journal/journal.ts";
import { SEGMENT_HEADER_BYTES } from "../../broker/journal/segment-header.ts";
import { openJournalReader } from "../../broker/journal/segment-reader.ts";
import { FailingDisk } from "../broker/journal/simulated-disk.ts";
import { smallDiskTest } from "../support/small-disk.ts";
import {
  append,
  appendFrames,
  contents,
  message,
  openWriter,
  readToEnd,
  segmentFiles,
  silent,
  journalTest as test,
  until,
} from "../broker/journal/journal-tools.ts";

/** Appends until the journal refuses a message. @returns the texts that were stored */
async function fill(writer: JournalWriter, name: string, bytes: number): Promise<string[]> {
  const stored: string[] = [];
  for (let number = 0; ; number += 1) {
    const text = `${name} ${number}`;
    try {
      await append(writer, message(text.padEnd(bytes)));
    } catch {
      return stored;
    }
    stored.push(text);
  }
}

async function storedIn(directory: string): Promise<string[]> {
  return (await contents(directory)).payloads.map((payload) => payload.trimEnd());
}

describe("a full journal or disk", () => {
  test("at its limit the journal refuses messages until a reader has trimmed, then continues by itself", async ({
    directory,
  }) => {
    const writer = await openWriter(directory, { maxBytes: 100_000 });
    const first = await fill(writer, "first", 500);
    expect(writer.state).toBe("full");
    expect(writer.failureReason).toMatch(/holds \d+ of at most 100000 bytes/);
    expect(writer.size()).toBeLessThan(101_000);
    expect(await storedIn(directory)).toEqual(first);
    const reader = await openJournalReader({ directory, log: silent });
    const { end } = await readToEnd(reader);
    // The head of a segment is nothing to read.
    const heads = (await segmentFiles(directory)).length * SEGMENT_HEADER_BYTES;
    expect(await reader.lag({ segment: 1, offset: 0 })).toBe(writer.size() - heads);
    expect(await reader.lag(end)).toBe(0);
    await reader.trim(end);
    await until("the journal accepts messages again", () => writer.state === "ready");
    const second = await fill(writer, "second", 500);
    expect(second.length).toBeGreaterThan(50);
    expect((await readToEnd(reader, end)).payloads.map((payload) => payload.trimEnd())).toEqual(second);
    await reader.close();
    await writer.close();
  });

  test("trims are noticed under load, so a journal that is being read never counts as full", async ({ directory }) => {
    const writer = await openWriter(directory, { maxBytes: 4_000_000 });
    const reader = await openJournalReader({ directory, log: silent });
    let cursor = await reader.oldest();
    let [sent, read] = [0, 0];
    // Beyond the limit if nothing were trimmed.
    const goesOn = () => sent * 250 < 5_000_000;
    const publishing = Array.from({ length: 20 }, async () => {
      while (goesOn()) {
        await append(writer, message("steady", Buffer.alloc(200)));
        sent += 1;
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    });
    while (goesOn()) {
      const frames = await reader.read(cursor, 1 << 20);
      cursor = frames.at(-1)?.next ?? cursor;
      read += frames.reduce((sum, frame) => sum + frame.messages.length, 0);
      await reader.trim(cursor);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.all(publishing);
    read += (await readToEnd(reader, cursor)).payloads.length;
    expect(read).toBe(sent);
    await reader.close();
    await writer.close();
  }, 60_000);

  smallDiskTest(6)(
    "a full disk is reported, costs no acknowledged message, and the journal recovers when there is room",
    async ({ disk: { folder } }) => {
      const directory = join(folder, "journal");
      await writeFile(join(folder, "ballast"), Buffer.alloc(3 * 1024 * 1024));
      const writer = await openWriter(directory);
      const first = await fill(writer, "first", 20_000);
      expect(first.length).toBeGreaterThan(50);
      expect(writer.state).toBe("full");
      expect(writer.failureReason).toMatch(/disk full: .* that holds/);
      await expect(append(writer, message("refused"))).rejects.toThrow("disk full");
      await unlink(join(folder, "ballast"));
      await until("the journal accepts messages again", () => writer.state === "ready", 10_000);
      await append(writer, message("second"));
      await writer.close();
      expect(await storedIn(directory)).toEqual([...first, "second"]);
      expect((await contents(directory)).corruptions).toEqual([]);
    },
  );

  test("a writer that starts on a full disk waits for free space", async ({ directory }) => {
    await (await openWriter(directory)).close();
    const disk = new FailingDisk();
    disk.refusal = "ENOSPC";
    const writer = await openWriter(directory, { files: disk });
    expect(writer.state).toBe("full");
    disk.refusal = undefined;
    await until("the journal accepts messages", () => writer.state === "ready");
    await append(writer, message("at last"));
    await writer.close();
  });

  test.for([
    ["EROFS", "failing", /read-only/],
    ["EACCES", "failing", /may not be written by this user/],
    ["EDQUOT", "full", /quota exceeded/],
  ] as const)(
    "%s is explained, and the journal recovers when the cause is gone",
    async ([code, state, words], { directory }) => {
      const disk = new FailingDisk();
      const writer = await openWriter(directory, { files: disk });
      await append(writer, message("before"));
      disk.refusal = code;
      await expect(append(writer, message("refused"))).rejects.toThrow(words);
      expect(writer.state).toBe(state);
      expect(writer.failureReason).toMatch(words);
      disk.refusal = undefined;
      await until("the journal accepts messages", () => writer.state === "ready");
      await append(writer, message("after"));
      await writer.close();
      expect(await storedIn(directory)).toEqual(["before", "after"]);
    },
  );
});

describe("a reader", () => {
  test("reports a segment that cannot be read and keeps it aside, and reads the others", async ({ directory }) => {
    const writer = await openWriter(directory, { segmentBytes: 100 });
    await appendFrames(writer, ["one", "two", "three"]);
    await writer.close();
    const [, path = "", third = ""] = await segmentFiles(directory);
    await rename(path, join(directory, "away"));
    await mkdir(path);
    // It does not stop a writer either, even as the newest segment.
    await rename(third, `${third}.later`);
    const next = await openWriter(directory);
    await next.close();
    await rename(`${third}.later`, third);
    const reader = await openJournalReader({ directory, log: silent });
    const { payloads, corruptions, end } = await readToEnd(reader);
    expect(payloads).toEqual(["one", "three"]);
    expect(corruptions).toMatchObject([{ segment: 2, reason: expect.stringContaining("EISDIR") as string }]);
    // It is kept for inspection.
    await reader.trim(end);
    await reader.close();
    expect((await readdir(directory)).filter((name) => name.includes("segment"))).toEqual([
      "0000000002.segment.damaged",
      "0000000003.segment",
    ]);
  });

  test("fails for a cursor beyond the files instead of waiting silently", async ({ directory }) => {
    await (await openWriter(directory)).close();
    await expect(contents(directory, { segment: 7, offset: 64 })).rejects.toThrow(/data directory is older/);
  });

  test("waits for a journal where there is none yet, and fails after the time limit", async ({ directory }) => {
    await expect(openJournalReader({ directory: join(directory, "none"), log: silent, waitMs: 0 })).rejects.toThrow(
      "no journal in",
    );
    const waiting = openJournalReader({ directory, log: silent });
    const writer = await openWriter(directory);
    expect((await waiting).id).toBe(writer.id);
    await (await waiting).close();
    await writer.close();
  });
});

test("the journal id survives the loss of its file, and changes when all segments are gone", async ({ directory }) => {
  const first = await openWriter(directory);
  await append(first, message("one"));
  await first.close();
  await unlink(join(directory, "id"));
  const second = await openWriter(directory);
  expect(second.id).toBe(first.id);
  await second.close();
  expect(await storedIn(directory)).toEqual(["one"]);
  for (const path of await segmentFiles(directory)) await rm(path);
  const third = await openWriter(directory);
  expect(third.id).not.toBe(first.id);
  await third.close();
  expect(existsSync(join(directory, "id"))).toBe(true);
});

test("a message that does not fit the format, and one after close, are refused; the others are stored", async ({
  directory,
}) => {
  const writer = await openWriter(directory, { frameBytes: 10_000 });
  const answers = await Promise.allSettled([
    append(writer, message("one")),
    append(writer, message("x".repeat(10_000))),
    append(writer, { ...message("y"), topic: "t".repeat(70_000) }),
    append(writer, message("two")),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  await writer.close();
  await expect(append(writer, message("three"))).rejects.toThrow("the journal is closed");
  expect(await storedIn(directory)).toEqual(["one", "two"]);
});
