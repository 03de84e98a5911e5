import type { Pool } from "pg";
import type { JournalReader, Position } from "../../../broker/journal/journal.ts";

/** A position in a journal, and the number of the frame that is expected there; null: not known. */
export interface Cursor extends Position {
  sequence: number | null;
}

/** The number of a journal's first frame. */
const FIRST_FRAME = 1;

/** The state worker's position in this journal; the oldest frame when the database does not know the journal. */
export async function loadCursor(pool: Pool, journal: JournalReader): Promise<Cursor> {
  const { rows } = await pool.query<Cursor>({
    name: "load_cursor",
    text: `SELECT segment, byte_offset AS "offset", sequence FROM cursors WHERE journal_id = $1 AND worker = 'state'`,
    values: [journal.id],
  });
  return rows[0] ?? (await createCursor(pool, journal));
}

async function createCursor(pool: Pool, journal: JournalReader): Promise<Cursor> {
  const oldest = await journal.oldest();
  await pool.query(
    `INSERT INTO cursors (journal_id, worker, segment, byte_offset, sequence) VALUES ($1, 'state', $2, $3, $4) ON CONFLICT DO NOTHING`,
    [journal.id, oldest.segment, oldest.offset, FIRST_FRAME],
  );
  return { ...oldest, sequence: FIRST_FRAME };
}

/**
 * Sets the cursor back to the oldest frame of a journal that ends before the cursor, and records that in the audit log.
 * Readings that were processed before are recognised as duplicates.
 */
export async function rewindCursor(pool: Pool, journal: JournalReader, from: Cursor): Promise<Cursor> {
  const oldest = await journal.oldest();
  await pool.query(
    `WITH rewound AS (UPDATE cursors SET segment = $2, byte_offset = $3, sequence = NULL, updated_at = now()
        WHERE journal_id = $1 AND worker = 'state' RETURNING 1)
      INSERT INTO audit (actor, action, subject, outcome, detail)
      SELECT 'ingest', 'journal.rewound', $1::text, 'done', $4::jsonb FROM rewound`,
    [journal.id, oldest.segment, oldest.offset, JSON.stringify({ from, to: oldest })],
  );
  return { ...oldest, sequence: null };
}
