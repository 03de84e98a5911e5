import type { Position } from "../../../broker/journal/journal.ts";
import type { Cursor } from "../queries/cursor.ts";
import type { Write } from "../statement.ts";

/** Moves the state worker's cursor to the end of a batch; refused unless it still stands at the start. */
export function moveCursor(journalId: string, from: Position, to: Cursor): Write {
  return {
    name: "cursor_moved",
    sql: `INSERT INTO cursors AS c (journal_id, worker, segment, byte_offset, sequence) VALUES ($1, 'state', $2, $3, $6)
      ON CONFLICT (journal_id, worker) DO UPDATE
        SET segment = excluded.segment, byte_offset = excluded.byte_offset, sequence = excluded.sequence, updated_at = now()
        WHERE c.segment = $4 AND c.byte_offset = $5
      RETURNING 1`,
    params: [journalId, to.segment, to.offset, from.segment, from.offset, to.sequence],
    check: "assert_unchanged(EXISTS (SELECT FROM cursor_moved), 'cursor')",
  };
}

/**
 * Records in the audit log that frames of a journal were never read into this database, or not by the consumer `consumer`
 * into another store.
 */
export function recordSkippedFrames(journalId: string, from: number, to: number, consumer?: "series"): Write {
  return {
    name: "frames_skipped",
    sql: `INSERT INTO audit (actor, action, subject, outcome, detail) VALUES ('ingest', 'journal.skipped', $1, 'done',
      jsonb_strip_nulls(jsonb_build_object('from_frame', $2::bigint, 'to_frame', $3::bigint, 'consumer', $4::text)))`,
    params: [journalId, from, to, consumer ?? null],
  };
}
