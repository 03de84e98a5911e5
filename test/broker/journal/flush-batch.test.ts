import fc from "fast-check";
import { describe, expect } from "vitest";

import { openJournalReader } from "../../../broker/journal/segment-reader.ts";

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
  temporaryDirectory,
} from "./journal-tools.ts";

const anyMessage = fc.record({
  receivedAt: fc.double({ noNaN: true }),
  clientId: fc.string({ unit: "binary", maxLength: 40 }),
  topic: fc.string({ unit: "grapheme", maxLength: 80 }),
  payload: fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
});

describe("appended messages are read", () => {
  test("for any messages, frame sizes, segment sizes and reading steps", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyMessage, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 4000, max: 20_000 }),
        fc.integer({ min: 500, max: 50_000 }),
        fc.integer({ min: 1, max: 10_000 }),
        async (messages, frameBytes, segmentBytes, stepBytes) => {
          const directory = await temporaryDirectory();
          const writer = await openWriter(directory, { frameBytes, segmentBytes });
          const order: number[] = [];
          await Promise.all(messages.map(async (one, index) => append(writer, one).then(() => order.push(index))));
          await writer.close();
          const { frames, corruptions } = await contents(directory, undefined, stepBytes);
          expect(order).toEqual(messages.map((_, index) => index));
          // A lone surrogate has no UTF-8 encoding and cannot arrive by MQTT [MQTT-1.5.3-1].
          const sent = messages.map((one) => ({
            ...one,
            clientId: Buffer.from(one.clientId).toString(),
            topic: Buffer.from(one.topic).toString(),
          }));
          expect(frames.flatMap((frame) => frame.messages)).toEqual(sent);
          expect(frames.map((frame) => frame.sequence)).toEqual(frames.map((_, index) => index + 1));
          expect(corruptions).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("from the position after any frame, and one frame at a time", async ({ directory }) => {
    const writer = await openWriter(directory, { segmentBytes: 400 });
    const texts = Array.from({ length: 20 }, (_, index) => `reading ${index}`);
    await appendFrames(writer, texts);
    await writer.close();
    const all = await contents(directory, undefined, 1);
    expect(all.payloads).toEqual(texts);
    for (const [index, frame] of all.frames.entries()) {
      expect((await contents(directory, frame.next)).payloads).toEqual(texts.slice(index + 1));
    }
  });

  test("segment numbers and sequences continue across restarts, also when all older segments are gone", async ({
    directory,
  }) => {
    let id: string | undefined;
    for (const text of ["one", "two", "three"]) {
      const writer = await openWriter(directory);
      id ??= writer.id;
      expect(writer.id).toBe(id);
      await append(writer, message(text));
      await writer.close();
      const reader = await openJournalReader({ directory, log: silent });
      const { end, frames } = await readToEnd(reader);
      expect(frames.at(-1)?.sequence).toBe(["one", "two", "three"].indexOf(text) + 1);
      await reader.trim({ segment: end.segment + 1, offset: 0 });
      await reader.close();
      expect(await segmentFiles(directory)).toHaveLength(1);
    }
    expect((await contents(directory)).end.segment).toBe(3);
  });
});
