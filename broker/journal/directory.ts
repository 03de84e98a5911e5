/** The files in a journal's directory: `id`, and segments named by their number. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type JournalFiles, writeAll } from "./files.ts";
import type { Position } from "./journal.ts";
import { readSegmentHeader, SEGMENT_HEADER_BYTES } from "./segment-header.ts";

const ID_FILE = "id";
const SEGMENT = /^(\d{10})\.segment$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** suffix of a file that is not complete yet; readers ignore it */
export const TEMP_SUFFIX = ".new";

/** Creates the directory if it does not exist and makes its name durable. */
export async function makeDirectory(directory: string, files: JournalFiles): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o750 });
  if (first === undefined) return;
  let parent = resolve(directory);
  while (parent !== dirname(resolve(first))) {
    parent = dirname(parent);
    await files.syncDirectory(parent);
  }
}

export function segmentPath(directory: string, segment: number): string {
  return join(directory, `${String(segment).padStart(10, "0")}.segment`);
}

/** The numbers of the segments, oldest first. */
export async function listSegments(directory: string): Promise<number[]> {
  const numbers: number[] = [];
  for (const name of await readdir(directory)) {
    const match = SEGMENT.exec(name);
    if (match) numbers.push(Number(match[1]));
  }
  return numbers.sort((a, b) => a - b);
}

/** The size of a segment in bytes; 0 if it has been deleted. */
export async function segmentBytes(directory: string, segment: number): Promise<number> {
  try {
    return (await stat(segmentPath(directory, segment))).size;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return 0;
    throw error;
  }
}

/** The total size of these segments in bytes. */
export async function totalBytes(directory: string, segments: number[]): Promise<number> {
  const sizes = await Promise.all(segments.map((segment) => segmentBytes(directory, segment)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The bytes of frames in the journal between `from` and its end. The headers of segments say nothing to a consumer. */
export async function unreadBytes(directory: string, from: Position): Promise<number> {
  const segments = (await listSegments(directory)).filter((segment) => segment >= from.segment);
  const unread = segments.map(async (segment) => {
    const readUntil = segment === from.segment ? from.offset : 0;
    return Math.max(0, (await segmentBytes(directory, segment)) - Math.max(readUntil, SEGMENT_HEADER_BYTES));
  });
  return (await Promise.all(unread)).reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * The journal's id; undefined: no writer has created one. Every segment repeats the id, so acknowledged messages can still
 * be assigned to their journal when the id file is lost.
 */
export async function readId(directory: string): Promise<string | undefined> {
  const path = join(directory, ID_FILE);
  let text: string;
  try {
    text = (await readFile(path, "latin1")).trim();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return idFromSegments(directory);
    throw error;
  }
  if (UUID.test(text)) return text;
  // A damaged file is no reason to stop: the segments contain the id too.
  const id = await idFromSegments(directory);
  if (id === undefined) throw new Error(`${path} does not contain a journal id, and no segment does`);
  return id;
}

async function idFromSegments(directory: string): Promise<string | undefined> {
  for (const segment of (await listSegments(directory)).reverse()) {
    const handle = await open(segmentPath(directory, segment));
    try {
      const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
      await handle.read(bytes, 0, bytes.length, 0);
      const header = readSegmentHeader(bytes);
      if (header) return header.journalId;
    } finally {
      await handle.close();
    }
  }
  return undefined;
}

/** Creates a new id for the journal and resolves once it is on disk. */
export async function createId(directory: string, files: JournalFiles): Promise<string> {
  const id = randomUUID();
  const path = join(directory, ID_FILE);
  const file = await files.create(path + TEMP_SUFFIX);
  try {
    await writeAll(file, Buffer.from(`${id}\n`, "latin1"), 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await files.rename(path + TEMP_SUFFIX, path);
  await files.syncDirectory(directory);
  return id;
}

/** Whether `error` is a system error with one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** Whether the error is about the file itself, and not a fault of this process such as too many open files. */
export function isUnreadable(error: unknown): boolean {
  return hasCode(error, "EACCES", "EPERM", "EIO", "EISDIR", "ELOOP");
}
