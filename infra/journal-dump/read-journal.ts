import { open } from "node:fs/promises";
import { pino } from "pino";
import { hasCode, listSegments, segmentBytes, segmentPath } from "../../broker/journal/directory.ts";
import { FRAME_HEADER_BYTES, MESSAGE_HEADER_BYTES } from "../../broker/journal/frame.ts";
import type { Corruption, Frame, JournalMessage, Position } from "../../broker/journal/journal.ts";
import { readSegmentHeader, SEGMENT_HEADER_BYTES } from "../../broker/journal/segment-header.ts";
import { openJournalReader } from "../../broker/journal/segment-reader.ts";

/** One thing found in a journal, in the order of the files. */
export type Entry =
  | { type: "journal"; id: string; directory: string; segments: number; bytes: number }
  /** `firstSequence` is undefined when the header is damaged */
  | { type: "segment"; segment: number; path: string; bytes: number; firstSequence: number | undefined }
  /** a frame whose CRC is right; `offset` is where it begins in the file of its segment, `bytes` its length there */
  | { type: "frame"; segment: number; offset: number; bytes: number; sequence: number; messages: JournalMessage[] }
  | ({ type: "damage" } & Corruption)
  /** bytes at the end of the newest segment that are no whole frame: it is being written, or was cut short */
  | { type: "tail"; segment: number; offset: number; bytes: number }
  | { type: "end"; frames: number; messages: number; damages: number };

type SegmentEntry = Extract<Entry, { type: "segment" }>;

/**
 * Reads a journal from frame `from` to its end. It takes no lock and changes nothing, so the journal may be in use.
 * @throws when there is no journal in `directory`
 */
export async function* readJournal(directory: string, from: number): AsyncGenerator<Entry> {
  const reader = await openJournalReader({ directory, log: pino({ level: "silent" }), waitMs: 0 });
  const damages: Corruption[] = [];
  reader.onCorruption((corruption) => damages.push(corruption));
  const counts = { frames: 0, messages: 0, damages: 0 };
  try {
    const segments = await readSegments(directory);
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    yield { type: "journal", id: reader.id, directory, segments: segments.length, bytes };
    let position: Position = { segment: firstSegment(segments, from), offset: 0 };
    let announced = position.segment - 1;
    const announce = (upTo: number): SegmentEntry[] => {
      const next = segments.filter(({ segment }) => segment > announced && segment <= upTo);
      announced = Math.max(announced, upTo);
      return next;
    };
    for (;;) {
      // A frame at a time, so that damage is reported between the frames it lies between.
      const frames = await reader.read(position, 1);
      for (const corruption of damages.splice(0)) {
        counts.damages += 1;
        yield* announce(corruption.segment);
        yield { type: "damage", ...corruption };
      }
      const reached = frames.at(-1)?.next ?? position;
      yield* announce(reached.segment);
      for (const frame of frames) {
        if (frame.sequence < from) continue;
        counts.frames += 1;
        counts.messages += frame.messages.length;
        yield frameEntry(frame);
      }
      if (frames.length === 0) break;
      position = reached;
    }
    yield* announce(Infinity);
    yield* tail(directory, position);
    yield { type: "end", ...counts };
  } finally {
    await reader.close();
  }
}

/** The newest segment that begins at or before frame `from`: earlier ones hold only earlier frames. */
function firstSegment(segments: readonly SegmentEntry[], from: number): number {
  const start = segments.findLast(({ firstSequence }) => firstSequence !== undefined && firstSequence <= from);
  return (start ?? segments[0])?.segment ?? 1;
}

async function readSegments(directory: string): Promise<SegmentEntry[]> {
  const entries: SegmentEntry[] = [];
  for (const segment of await listSegments(directory)) {
    const path = segmentPath(directory, segment);
    try {
      const firstSequence = await readFirstSequence(path);
      entries.push({ type: "segment", segment, path, bytes: await segmentBytes(directory, segment), firstSequence });
    } catch (error) {
      // A consumer has trimmed it meanwhile.
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
  return entries;
}

async function readFirstSequence(path: string): Promise<number | undefined> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
    await file.read(bytes, 0, bytes.length, 0);
    return readSegmentHeader(bytes)?.firstSequence;
  } finally {
    await file.close();
  }
}

function frameEntry({ next, sequence, messages }: Frame): Entry {
  const bytes = messages.reduce((sum, message) => sum + encodedBytes(message), FRAME_HEADER_BYTES);
  return { type: "frame", segment: next.segment, offset: next.offset - bytes, bytes, sequence, messages };
}

function encodedBytes({ clientId, topic, payload }: JournalMessage): number {
  return MESSAGE_HEADER_BYTES + Buffer.byteLength(clientId) + Buffer.byteLength(topic) + payload.length;
}

async function* tail(directory: string, { segment, offset }: Position): AsyncGenerator<Entry> {
  const newest = (await listSegments(directory)).at(-1) ?? segment;
  const start = newest === segment ? Math.max(offset, SEGMENT_HEADER_BYTES) : SEGMENT_HEADER_BYTES;
  const bytes = (await segmentBytes(directory, newest)) - start;
  if (bytes > 0) yield { type: "tail", segment: newest, offset: start, bytes };
}
