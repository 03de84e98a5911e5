import { readFile, truncate, writeFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import { FRAME_HEADER_BYTES } from "../../../broker/journal/frame.ts";
import { SEGMENT_HEADER_BYTES } from "../../../broker/journal/segment-header.ts";
import {
  append,
  appendFrames,
  contents,
  firstSegment,
  message,
  openWriter,
  segmentFiles,
  journalTest as test,
} from "./journal-tools.ts";

describe("corruption", () => {
  test("every flipped bit of a small journal is found and costs at most its frame", async ({ directory }) => {
    const writer = await openWriter(directory);
    await appendFrames(writer, ["first", "second", "third"]);
    await writer.close();
    await (await openWriter(directory)).close();
    const path = await firstSegment(directory);
    const whole = await readFile(path);
    const frameBytes = (whole.length - SEGMENT_HEADER_BYTES - ["first", "second", "third"].join("").length) / 3;
    const starts = [0, 5, 11].map((before, index) => SEGMENT_HEADER_BYTES + index * frameBytes + before);
    for (let bit = SEGMENT_HEADER_BYTES * 8; bit < whole.length * 8; bit += 1) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(path, flipped);
      const { payloads, corruptions } = await contents(directory);
      const hit = starts.findLastIndex((start) => bit >> 3 >= start);
      expect(payloads).toEqual(["first", "second", "third"].toSpliced(hit, 1));
      expect(corruptions.map((corruption) => corruption.fromOffset)).toEqual([starts[hit]]);
    }
  });

  test("every flipped bit of a segment header is found and costs no frame", async ({ directory }) => {
    const writer = await openWriter(directory);
    await appendFrames(writer, ["first", "second"]);
    await writer.close();
    const path = await firstSegment(directory);
    const whole = await readFile(path);
    for (let bit = 0; bit < SEGMENT_HEADER_BYTES * 8; bit += 1) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(path, flipped);
      const { payloads, corruptions } = await contents(directory);
      expect(payloads).toEqual(["first", "second"]);
      expect(corruptions).toHaveLength(1);
    }
  });

  test("1,000 flipped bits in a large journal: each is found, and every intact frame is read", async ({
    directory,
  }) => {
    const writer = await openWriter(directory, { segmentBytes: 1_000_000 });
    const texts = Array.from({ length: 20_000 }, (_, index) => `${index}:`.padEnd(200, "x"));
    for (let from = 0; from < texts.length; from += 10) {
      await Promise.all(texts.slice(from, from + 10).map((text) => append(writer, message(text))));
    }
    await writer.close();
    await (await openWriter(directory)).close();
    const before = await contents(directory);
    expect(before.payloads).toEqual(texts);
    const paths = (await segmentFiles(directory)).slice(0, -1);
    const files = await Promise.all(paths.map((path) => readFile(path)));
    const hit = new Set<number>();
    let seed = 42;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((seed / 0x80000000) * below);
    };
    // One flip per frame: a second one in the same frame would not be reported separately.
    while (hit.size < 1000) {
      const index = random(before.frames.length);
      const { segment, offset } = before.frames[index]?.next ?? { segment: 0, offset: 0 };
      const previous = before.frames[index - 1]?.next;
      const start = previous?.segment === segment ? previous.offset : SEGMENT_HEADER_BYTES;
      const file = files[segment - 1];
      if (!file || hit.has(index)) continue;
      const at = start + random(offset - start);
      file[at] = (file[at] ?? 0) ^ (1 << random(8));
      hit.add(index);
    }
    await Promise.all(paths.map((path, index) => writeFile(path, files[index] ?? "")));
    const after = await contents(directory);
    const intact = before.frames.filter((_, index) => !hit.has(index));
    expect(after.frames.map((frame) => frame.sequence)).toEqual(intact.map((frame) => frame.sequence));
    expect(after.payloads).toEqual(intact.flatMap((frame) => frame.messages.map((one) => one.payload.toString())));
    // Each corrupt frame is reported by itself, or together with the frame before if that lost its header.
    const found = [...hit].filter((index) => {
      const frame = before.frames[index];
      const end = frame?.next.offset ?? 0;
      return after.corruptions.some(
        (corruption) =>
          corruption.segment === frame?.next.segment && corruption.fromOffset < end && corruption.toOffset >= end,
      );
    });
    expect(found).toHaveLength(1000);
  });

  test("a frame inside a payload is not read as a frame", async ({ directory }) => {
    const writer = await openWriter(directory);
    await append(writer, message("real"));
    const copy = (await readFile(await firstSegment(directory))).subarray(SEGMENT_HEADER_BYTES);
    await writer.close();
    const other = await openWriter(directory);
    await append(other, message("carrier", copy));
    await append(other, message("after"));
    await other.close();
    const [, path = ""] = await segmentFiles(directory);
    const bytes = await readFile(path);
    const at = SEGMENT_HEADER_BYTES + FRAME_HEADER_BYTES + 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    bytes[SEGMENT_HEADER_BYTES] = (bytes[SEGMENT_HEADER_BYTES] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const { payloads, corruptions } = await contents(directory);
    expect(payloads).toEqual(["real", "after"]);
    expect(corruptions).toHaveLength(1);
  });

  test("a segment that was truncated at the end of a frame is noticed by the gap in the sequence", async ({
    directory,
  }) => {
    const writer = await openWriter(directory);
    await appendFrames(writer, ["one", "two"]);
    const { frames } = await contents(directory);
    await append(writer, message("three"));
    await writer.close();
    const next = await openWriter(directory);
    await append(next, message("four"));
    await next.close();
    await truncate(await firstSegment(directory), frames[1]?.next.offset);
    const { payloads, corruptions } = await contents(directory);
    expect(payloads).toEqual(["one", "two", "four"]);
    expect(corruptions).toMatchObject([{ segment: 2, reason: "1 frames before frame 4 are missing" }]);
  });
});
