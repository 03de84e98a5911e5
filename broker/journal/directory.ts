/** What lies in a journal's directory: the file `id`, and segments named by their number. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type JournalFiles, writeAll } from "./files.ts";
import { readSegmentHeader, SEGMENT_HEADER_BYTES } from "./segment-header.ts";

const ID_FILE = "id";
const SEGMENT = /^(\d{10})\.segment$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** of a file that has not got its name yet: no reader looks at it */
export const TEMP_SUFFIX = ".new";

/** Makes the directory where it is missing, and its name durable. */
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

/** The segments' numbers, oldest first. */
export async function listSegments(directory: string): Promise<number[]> {
  const numbers: number[] = [];
  for (const name of await readdir(directory)) {
    const match = SEGMENT.exec(name);
    if (match) numbers.push(Number(match[1]));
  }
  return numbers.sort((a, b) => a - b);
}

/** The bytes of one segment; 0 when it has been deleted meanwhile. */
export async function segmentBytes(directory: string, segment: number): Promise<number> {
  try {
    return (await stat(segmentPath(directory, segment))).size;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return 0;
    throw error;
  }
}

/** The bytes of these segments together. */
export async function totalBytes(directory: string, segments: number[]): Promise<number> {
  const sizes = await Promise.all(segments.map((segment) => segmentBytes(directory, segment)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * The journal's id, or undefined where no writer has made one. Every segment repeats it, so that a lost id file doesn't
 * turn acknowledged messages into another journal's.
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
  if (!UUID.test(text))
    throw new Error(`${path} does not hold a journal's id: delete it, the segments know the id too`);
  return text;
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

/** Gives the directory an id of its own, durable before it is returned. */
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

/** Whether a file can't be used although it is there, as opposed to a fault of this process (too many open files). */
export function isUnreadable(error: unknown): boolean {
  return hasCode(error, "EACCES", "EPERM", "EIO", "EISDIR", "ELOOP");
}
