import type { Position } from "../../broker/journal/journal.ts";
import { type DecodedBatch } from "./decode.ts";
import { deviceIdsOf, type JournalRecord } from "./records/journal-record.ts";
import type { Cursor } from "../stores/queries/cursor.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

/** Consecutive whole frames of the journal that are processed and committed together. */
export interface JournalBatch {
  from: Position;
  /** where the next batch begins */
  next: Cursor;
  /** sequence number of the first frame */
  sequence: number;
  records: readonly JournalRecord[];
  /** when the last message was received, epoch milliseconds */
  receivedUntil: number | undefined;
  /** undefined when a decoder needs state of earlier messages */
  decoded: DecodedWith | undefined;
}

/** Records as they were decoded with a registry. */
export interface DecodedWith {
  batch: DecodedBatch;
  registry: DeviceRegistry;
}

/** The earlier decoding of these records, if the registry now knows the same of all their devices as that one did. */
export function reusableDecoding(
  records: readonly JournalRecord[],
  decoded: DecodedWith | undefined,
  registry: DeviceRegistry,
): DecodedBatch | undefined {
  if (decoded === undefined || decoded.registry === registry) return decoded?.batch;
  for (const id of [...deviceIdsOf(records), ...decoded.batch.forwardedFor]) {
    if (decoded.registry.devices.get(id) !== registry.devices.get(id)) return undefined;
  }
  return decoded.batch;
}
