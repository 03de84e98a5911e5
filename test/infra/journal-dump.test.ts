import { open } from "node:fs/promises";
import { expect } from "vitest";
import { formatJson, formatText } from "../../infra/journal-dump/format.ts";
import { readDumpOptions } from "../../infra/journal-dump/options.ts";
import { type Entry, readJournal } from "../../infra/journal-dump/read-journal.ts";
import {
  append,
  appendFrames,
  firstSegment,
  message,
  openWriter,
  journalTest as test,
} from "../broker/journal/journal-tools.ts";
import { Launched } from "../support/launched.ts";

async function dump(directory: string, from = 0): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of readJournal(directory, from)) entries.push(entry);
  return entries;
}

const ofType = <T extends Entry["type"]>(entries: Entry[], type: T) =>
  entries.filter((entry): entry is Extract<Entry, { type: T }> => entry.type === type);

async function flipByte(path: string, offset: number): Promise<void> {
  const file = await open(path, "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  byte[0]! ^= 0xff;
  await file.write(byte, 0, 1, offset);
  await file.close();
}

test("shows segments, frames and messages of a journal that a writer holds open", async ({ directory }) => {
  const writer = await openWriter(directory);
  await appendFrames(writer, ["one", "two\nlines"]);
  await append(writer, message("binary", Buffer.from([0, 255])));

  const entries = await dump(directory);
  expect(entries.map(({ type }) => type)).toEqual(["journal", "segment", "frame", "frame", "frame", "end"]);
  const text = entries.map(formatText).join("\n");
  expect(text).toContain(`journal ${writer.id} in ${directory}: 1 segments`);
  expect(text).toMatch(/^frame \d+ {2}2023-11-14T22:13:20\.000Z {2}1 messages {2}\d+ bytes at 1:64 {2}CRC ok$/m);
  expect(text).toContain("  2023-11-14T22:13:20.000Z  probe-1  devices/probe-1/env  one\n");
  expect(text).toContain("devices/probe-1/env  two lines");
  expect(text).toContain("devices/probe-1/env  hex 00ff");
  expect(text).toMatch(/^end {2}3 frames, 3 messages, 0 damages$/m);

  const [first, , third] = ofType(entries, "frame");
  expect(JSON.parse(formatJson(first!))).toMatchObject({
    crc_ok: true,
    messages: [{ received_at: "2023-11-14T22:13:20.000Z", client: "probe-1", payload: "one" }],
  });
  expect(JSON.parse(formatJson(third!))).toMatchObject({ messages: [{ payload_hex: "00ff" }] });
  await writer.close();
});

test("begins at a frame in the middle of the segments", async ({ directory }) => {
  for (const text of ["first", "second", "third"]) {
    const writer = await openWriter(directory);
    await appendFrames(writer, [text, `${text} again`]);
    await writer.close();
  }
  const sequences = ofType(await dump(directory), "frame").map(({ sequence }) => sequence);
  expect(sequences).toHaveLength(6);
  const entries = await dump(directory, sequences[3]);
  expect(ofType(entries, "frame").map(({ sequence }) => sequence)).toEqual(sequences.slice(3));
  expect(ofType(entries, "segment").map(({ segment }) => segment)).toEqual([2, 3]);
});

test("names damage between the frames it lies between", async ({ directory }) => {
  const writer = await openWriter(directory);
  await appendFrames(writer, ["one", "two", "three"]);
  await writer.close();
  await (await openWriter(directory)).close();
  const [, second] = ofType(await dump(directory), "frame");
  await flipByte(await firstSegment(directory), second!.offset + second!.bytes - 1);

  const entries = await dump(directory);
  expect(entries.map(({ type }) => type)).toEqual(["journal", "segment", "frame", "damage", "frame", "segment", "end"]);
  const { offset, bytes, sequence } = second!;
  expect(entries.map(formatText)).toContain(
    `DAMAGE  segment 1, bytes ${offset} to ${offset + bytes}: the checksum of frame ${sequence} (1 messages) does not match`,
  );
  expect(JSON.parse(formatJson(entries[3]!))).toMatchObject({ type: "damage", segment: 1, from_offset: offset });
});

test("shows the cut frame at the end of the newest segment", async ({ directory }) => {
  const writer = await openWriter(directory);
  await appendFrames(writer, ["one", "two"]);
  await writer.close();
  const [, second] = ofType(await dump(directory), "frame");
  const file = await open(await firstSegment(directory), "r+");
  await file.truncate(second!.offset + 10);
  await file.close();
  expect(ofType(await dump(directory), "tail")).toEqual([
    { type: "tail", segment: 1, offset: second!.offset, bytes: 10 },
  ]);
});

test("npm run journal finds the journal of a data directory, and explains what is wrong", async ({ directory }) => {
  const writer = await openWriter(`${directory}/journal`);
  await appendFrames(writer, ["one"]);
  const good = new Launched("journal", {}, ["dump", "--data", directory]);
  expect((await good.ends()).code).toBe(0);
  expect(good.output).toMatch(/ {2}probe-1 {2}devices\/probe-1\/env {2}one$/m);
  await writer.close();

  const missing = new Launched("journal", {}, ["dump", "--dir", directory]);
  expect((await missing.ends()).code).toBe(1);
  expect(missing.output).toContain("no journal in");
  expect(() => readDumpOptions(["print"])).toThrow("dump");
  expect(() => readDumpOptions(["dump", "--from", "x"])).toThrow("--from");
});
