import { readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { openJournalReader } from "../../../broker/journal/segment-reader.ts";
import {
  append,
  message,
  contents,
  openWriter,
  readToEnd,
  silent,
  journalTest as test,
  temporaryDirectory,
  until,
} from "./journal-tools.ts";

const SEGMENT = 4_096;

/** A journal of six segments, all of which a reader has passed. */
async function journalReadThrough(options: { maxBytes?: number } = {}) {
  const directory = await temporaryDirectory();
  const writer = await openWriter(directory, { segmentBytes: SEGMENT, ...options });
  for (let i = 1; i <= 6; i += 1) await append(writer, message(`${i}`.padEnd(SEGMENT)));
  const reader = await openJournalReader({ directory, log: silent });
  const start = await reader.oldest();
  const { end } = await readToEnd(reader);
  await reader.trim(end);
  return { directory, writer, reader, start };
}

const names = async (directory: string, suffix: string) =>
  (await readdir(directory)).filter((name) => name.endsWith(suffix)).length;

test("what every consumer has read counts for nothing, and is read again from a cursor that is set back", async () => {
  const { directory, writer, reader, start } = await journalReadThrough();
  expect(await names(directory, ".segment")).toBe(1);
  expect(await reader.lag(start)).toBeLessThan(2 * SEGMENT);
  await until("the writer has measured", () => writer.size() < 2 * SEGMENT);
  expect(await reader.oldest()).toEqual(start);
  const first = await reader.read(start, 1);
  expect(first[0]?.sequence).toBe(1);
  await writer.close();
  await reader.close();
  expect((await contents(directory)).payloads.map((text) => text.trim())).toEqual(["1", "2", "3", "4", "5", "6"]);
});

test("kept segments go after an hour, and before that when the journal needs their room", async () => {
  const { directory, writer, reader } = await journalReadThrough();
  const kept = (await readdir(directory)).filter((name) => name.endsWith(".read")).toSorted();
  expect(kept).toHaveLength(5);
  const hourAgo = new Date(Date.now() - 3_601_000);
  for (const name of kept.slice(0, 2)) await utimes(join(directory, name), hourAgo, hourAgo);
  await expect.poll(() => names(directory, ".read")).toBe(3);
  await writer.close();
  const small = await openWriter(directory, { segmentBytes: SEGMENT, maxBytes: 4 * SEGMENT });
  await expect.poll(() => names(directory, ".read")).toBeLessThan(3);
  expect(small.state).toBe("ready");
  await small.close();
  await reader.close();
});

test("a damaged file with the journal's id stops nobody: the segments contain it too", async ({ directory }) => {
  const first = await openWriter(directory);
  await append(first, message("one"));
  await first.close();
  await writeFile(join(directory, "id"), "");
  const second = await openWriter(directory);
  expect(second.id).toBe(first.id);
  await second.close();
  expect((await contents(directory)).payloads).toEqual(["one"]);
});
