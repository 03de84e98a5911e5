import { open, readFile, truncate, writeFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import { FRAME_HEADER_BYTES, MESSAGE_HEADER_BYTES } from "../../../broker/journal/frame.ts";
import { openJournalReader } from "../../../broker/journal/segment-reader.ts";
import { SEGMENT_HEADER_BYTES } from "../../../broker/journal/segment-header.ts";
import {
  append,
  appendFrames,
  contents,
  firstSegment,
  message,
  openWriter,
  readToEnd,
  silent,
  journalTest as test,
  temporaryDirectory,
} from "./journal-tools.ts";

async function flipBit(path: string, at: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ 1;
    await file.write(byte, 0, 1, at);
  } finally {
    await file.close();
  }
}

describe("a torn end", () => {
  test("at every byte of the last frame: the reader waits while the segment may grow, and skips it silently afterwards", async ({
    directory,
  }) => {
    const writer = await openWriter(directory);
    await appendFrames(writer, ["first", "last"]);
    await writer.close();
    const path = await firstSegment(directory);
    const whole = await readFile(path);
    const [first, last] = (await contents(directory)).frames.map((frame) => frame.next.offset);
    expect(last).toBe(whole.length);
    for (let length = first ?? 0; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length));
      const reader = await openJournalReader({ directory, log: silent });
      const torn = await readToEnd(reader);
      expect(torn.payloads).toEqual(["first"]);
      await writeFile(path, whole);
      expect((await readToEnd(reader, torn.end)).payloads).toEqual(["last"]);
      await reader.close();
      expect(torn.corruptions).toEqual([]);
    }
    const next = await openWriter(directory);
    await append(next, message("after the crash"));
    await next.close();
    for (let length = first ?? 0; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length));
      // In a real crash the truncated frame would not have been counted, so no gap would be reported.
      const { payloads, corruptions } = await contents(directory);
      expect(payloads).toEqual(["first", "after the crash"]);
      expect(corruptions.filter((corruption) => !corruption.reason.endsWith("are missing"))).toEqual([]);
    }
  });

  test("of zeros, as after a power loss, is skipped", async ({ directory }) => {
    const writer = await openWriter(directory);
    await append(writer, message("first"));
    await writer.close();
    const path = await firstSegment(directory);
    await truncate(path, 20_000);
    const next = await openWriter(directory);
    await append(next, message("second"));
    await next.close();
    const { payloads, corruptions } = await contents(directory);
    expect(payloads).toEqual(["first", "second"]);
    expect(corruptions).toEqual([]);
  });
});

describe("corruption in the active segment", () => {
  test("is reported once, as soon as a later frame proves that it is not an unfinished write", async ({
    directory,
  }) => {
    const writer = await openWriter(directory);
    await appendFrames(writer, ["one", "two", "three"]);
    const path = await firstSegment(directory);
    const [first, second, third] = (await contents(directory)).frames.map((frame) => frame.next.offset);
    await flipBit(path, (first ?? 0) + 3);
    await flipBit(path, (third ?? 0) - 1);
    const reader = await openJournalReader({ directory, log: silent });
    const before = await readToEnd(reader);
    expect(before.payloads).toEqual(["one"]);
    expect(before.corruptions).toMatchObject([{ segment: 1, fromOffset: first, toOffset: second }]);
    await append(writer, message("four"));
    const after = await readToEnd(reader, before.end);
    expect(after.payloads).toEqual(["four"]);
    expect(before.corruptions.slice(1)).toMatchObject([{ segment: 1, fromOffset: second, toOffset: third }]);
    expect((await readToEnd(reader, after.end)).payloads).toEqual([]);
    await append(writer, message("five"));
    expect((await readToEnd(reader, after.end)).payloads).toEqual(["five"]);
    expect(before.corruptions).toHaveLength(2);
    await reader.close();
    await writer.close();
  });

  test("is skipped wherever the next frame begins, also across the chunks in which a file is read", async () => {
    const chunk = 1024 * 1024;
    const { clientId, topic } = message("");
    const overhead = FRAME_HEADER_BYTES + MESSAGE_HEADER_BYTES + clientId.length + topic.length;
    for (let before = 0; before <= FRAME_HEADER_BYTES + 2; before += 1) {
      const directory = await temporaryDirectory();
      const writer = await openWriter(directory);
      await append(writer, message("large", Buffer.alloc(chunk - before - overhead)));
      await append(writer, message("next"));
      const path = await firstSegment(directory);
      await flipBit(path, SEGMENT_HEADER_BYTES);
      const { payloads, corruptions } = await contents(directory);
      expect(payloads).toEqual(["next"]);
      expect(corruptions).toMatchObject([{ toOffset: SEGMENT_HEADER_BYTES + chunk - before }]);
      await writer.close();
    }
  });
});
