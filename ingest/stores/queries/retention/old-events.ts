import type { Pool } from "pg";

/** Receivers that were away may ask for an event again for so long. */
const KEPT = "30 days";
/** On a platform where so much happens that the disk would not hold 30 days, the newest ones are kept: some 40 GB. */
export const MAX_EVENTS = 20_000_000;

/**
 * Deletes old events of the log, at most `limit`, the oldest first. Who follows the log and is further behind is told by a count that it
 * has missed them. @returns how many were deleted
 */
export async function deleteOldEvents(pool: Pool, limit: number, maxEvents = MAX_EVENTS): Promise<number> {
  const { rows } = await pool.query<{ deleted: number }>(
    `WITH old AS (
      -- Positions and times go up together.
      SELECT position FROM outbound_events
      WHERE position <= greatest((SELECT max(position) FROM outbound_events) - $2::bigint,
        (SELECT position FROM outbound_events WHERE recorded_at < now() - interval '${KEPT}' ORDER BY recorded_at DESC, position DESC LIMIT 1))
      ORDER BY position LIMIT $1
    ), deleted AS (
      DELETE FROM outbound_events WHERE position IN (SELECT position FROM old) RETURNING position
    ), missed AS (
      UPDATE event_followers f SET missed = f.missed + m.events, missed_at = now()
      FROM (SELECT f.name, count(*) AS events FROM event_followers f JOIN deleted d ON d.position > f.position GROUP BY f.name) m
      WHERE f.name = m.name)
    SELECT count(*)::int AS deleted FROM deleted`,
    [limit, maxEvents],
  );
  return rows[0]!.deleted;
}

/** A relay that has stood still for longer takes up from here. */
const UNTOLD_KEPT = "7 days";

/**
 * Deletes rows of the outbox that no relay has taken in time, at most `limit`. Each may have been an event: all who follow the log are told
 * by their count that they have missed it. What tells of alerts goes with its alert. @returns how many were deleted
 */
export async function deleteUnreportedEvents(pool: Pool, limit: number): Promise<number> {
  const { rows } = await pool.query<{ deleted: number }>(
    `WITH deleted AS (
      DELETE FROM outbox WHERE id IN (SELECT id FROM outbox
        WHERE alert_id IS NULL AND created_at < now() - interval '${UNTOLD_KEPT}' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING id
    ), missed AS (
      UPDATE event_followers SET missed = missed + (SELECT count(*) FROM deleted), missed_at = now() WHERE EXISTS (SELECT FROM deleted))
    SELECT count(*)::int AS deleted FROM deleted`,
    [limit],
  );
  return rows[0]!.deleted;
}
