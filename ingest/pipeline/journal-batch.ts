import type { Position } from "../../broker/journal/journal.ts";
import type { DecodedBatch, JournalRecord } from "./decode.ts";
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
  /** the decoded records; undefined when a decoder needs state of earlier messages. Valid only with this registry */
  decoded: { batch: DecodedBatch; registry: DeviceRegistry } | undefined;
}
