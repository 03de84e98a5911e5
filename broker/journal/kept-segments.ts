/**
 * Segments that every consumer has read stay for an hour under another name, so that a database that is restored to a
 * moment ago finds the frames it has forgotten. They take only room that the journal does not need.
 */
import { readdir, rename, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { hasCode, segmentPath } from "./directory.ts";
import type { JournalFiles } from "./files.ts";

/** How long a segment stays after every consumer has read it, milliseconds. */
const KEPT_FOR_MS = 3_600_000;
/** free space that a disk needs for a new segment */
const MIN_FREE_BYTES = 1024 * 1024;
const KEPT = /^(\d{10})\.read$/;

export async function listKept(directory: string): Promise<number[]> {
  const matches = (await readdir(directory)).map((name) => KEPT.exec(name)?.[1]);
  return matches
    .flatMap((number) => number ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** Takes a segment out of the journal. Its time of change tells from now on when that was. */
export async function keepSegment(directory: string, segment: number): Promise<void> {
  const path = keptPath(directory, segment);
  await rename(segmentPath(directory, segment), path);
  const now = new Date();
  await utimes(path, now, now);
}

/**
 * Takes the kept segments from `from` on back into the journal, which begins with `oldest`.
 * @returns their numbers, oldest first
 */
export async function restoreKept(directory: string, from: number, oldest: number): Promise<number[]> {
  const wanted = (await listKept(directory)).filter((segment) => segment >= from && segment < oldest);
  // The newest first: an interrupted restore leaves no gap behind the oldest segment.
  for (const segment of wanted.toReversed()) {
    // Another consumer may restore them at the same time, and the writer may need their room.
    await rename(keptPath(directory, segment), segmentPath(directory, segment)).catch(ignoreMissing);
  }
  return wanted;
}

/**
 * Deletes kept segments: those whose hour is over, and as many of the others as are in the way.
 * @param room bytes that all of them may take
 * @returns whether the disk has space for a new segment
 */
export async function expireKept(directory: string, files: JournalFiles, room: number): Promise<boolean> {
  const kept = await Promise.all((await listKept(directory)).map((segment) => describe(keptPath(directory, segment))));
  let bytes = kept.reduce((sum, { size }) => sum + size, 0);
  let hasSpace = (await files.freeBytes(directory)) >= MIN_FREE_BYTES;
  const now = Date.now();
  for (const { path, size, keptAt } of kept) {
    if (now - keptAt < KEPT_FOR_MS && bytes <= room && hasSpace) continue;
    await files.remove(path);
    bytes -= size;
    hasSpace ||= (await files.freeBytes(directory)) >= MIN_FREE_BYTES;
  }
  return hasSpace;
}

async function describe(path: string): Promise<{ path: string; size: number; keptAt: number }> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, size, keptAt: mtimeMs };
  } catch (error) {
    ignoreMissing(error);
    return { path, size: 0, keptAt: 0 };
  }
}

function keptPath(directory: string, segment: number): string {
  return join(directory, `${String(segment).padStart(10, "0")}.read`);
}

function ignoreMissing(error: unknown): void {
  if (!hasCode(error, "ENOENT")) throw error;
}
