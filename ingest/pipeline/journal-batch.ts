import type { Position } from "../../broker/journal/journal.ts";
import type { DecodedBatch, JournalRecord } from "./decode.ts";
import type { Cursor } from "../stores/queries/cursor.ts";
import type { Registry } from "../stores/caches/device-registry.ts";

/** Some whole frames of the journal that are taken at once. */
export interface JournalBatch {
  from: Position;
  /** where the next one begins */
  next: Cursor;
  /** sequence of the first frame */
  sequence: number;
  records: readonly JournalRecord[];
  /** epoch milliseconds at which the last message was received */
  receivedUntil: number | undefined;
  /** what they say, where decoders need not remember anything for it; holds as long as the registry does */
  decoded: { batch: DecodedBatch; registry: Registry } | undefined;
}
