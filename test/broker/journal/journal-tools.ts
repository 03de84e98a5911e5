/** Tools of the journal's tests: temporary directories, writers, and reading a whole journal. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, pino } from "pino";
import { onTestFinished, test } from "vitest";
import type {
  Corruption,
  Frame,
  JournalMessage,
  JournalReader,
  JournalWriter,
  Position,
} from "../../../broker/journal/journal.ts";
import { openJournalReader } from "../../../broker/journal/segment-reader.ts";
import { type JournalWriterOptions, openJournalWriter } from "../../../broker/journal/segment-writer.ts";

export const silent: Logger = pino({ level: "silent" });

const makeDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), "journal-"));
const remove = (directory: string): Promise<void> => rm(directory, { recursive: true, force: true });

/** For tests that need one directory for each of many journals. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await makeDirectory();
  onTestFinished(() => remove(directory));
  return directory;
}

/** Tests of a journal in a directory of its own. */
// oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
export const journalTest = test.extend("directory", async ({}, { onCleanup }) => {
  const directory = await makeDirectory();
  onCleanup(() => remove(directory));
  return directory;
});

export function openWriter(directory: string, options: Partial<JournalWriterOptions> = {}): Promise<JournalWriter> {
  return openJournalWriter({ directory, maxBytes: 1e9, log: silent, ...options });
}

export function message(text: string, payload: Buffer = Buffer.from(text)): JournalMessage {
  return { receivedAt: 1_700_000_000_000, clientId: "probe-1", topic: "devices/probe-1/env", payload };
}

export function append(writer: JournalWriter, one: JournalMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    writer.append(one, (error) => (error ? reject(error) : resolve()));
  });
}

/** Appends each text in a flush, and so a frame, of its own. */
export async function appendFrames(writer: JournalWriter, texts: string[]): Promise<void> {
  for (const text of texts) await append(writer, message(text));
}

export interface Contents {
  frames: Frame[];
  payloads: string[];
  corruptions: Corruption[];
  end: Position;
}

/** Reads from `from` (default: the oldest position) to the end, in steps of `stepBytes`. */
export async function readToEnd(reader: JournalReader, from?: Position, stepBytes = 1 << 20): Promise<Contents> {
  const corruptions: Corruption[] = [];
  reader.onCorruption((corruption) => corruptions.push(corruption));
  const frames: Frame[] = [];
  let end = from ?? (await reader.oldest());
  for (;;) {
    const some = await reader.read(end, stepBytes);
    const last = some.at(-1);
    if (!last) break;
    frames.push(...some);
    end = last.next;
  }
  const payloads = frames.flatMap((frame) => frame.messages.map((one) => one.payload.toString()));
  return { frames, payloads, corruptions, end };
}

/** The same with a new reader, as after a restart of the consumer. */
export async function contents(directory: string, from?: Position, stepBytes?: number): Promise<Contents> {
  const reader = await openJournalReader({ directory, log: silent, waitMs: 0 });
  try {
    return await readToEnd(reader, from, stepBytes);
  } finally {
    await reader.close();
  }
}

export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function segmentFiles(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".segment"));
  return names.sort().map((name) => join(directory, name));
}

export async function firstSegment(directory: string): Promise<string> {
  const [path] = await segmentFiles(directory);
  if (!path) throw new Error("there is no segment");
  return path;
}
