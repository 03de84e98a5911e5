import type { Pool, PoolClient } from "pg";
import type { OutboundEvent, RecordedEvent } from "./event.ts";

const COLUMNS = `position::float8, id, type, corrects, subject, happened_at AS "happenedAt", recorded_at AS "recordedAt",
  location_id AS "locationId", owner_id AS "ownerId", data`;

/**
 * Adds events to the log, in a transaction that holds the lock of the fan-out: positions become visible in their order. An id that is
 * known is left out. @returns those that were added, in order
 */
export async function appendEvents(client: PoolClient, events: readonly OutboundEvent[]): Promise<RecordedEvent[]> {
  if (events.length === 0) return [];
  const rows = events.map((event) => ({ ...event, happenedAt: event.happenedAt.toISOString() }));
  const { rows: added } = await client.query<RecordedEvent>({
    name: "append_events",
    text: `WITH added AS (
        INSERT INTO outbound_events (position, id, type, corrects, subject, happened_at, location_id, owner_id, data)
        SELECT nextval('outbound_positions'), id, type, corrects, subject, "happenedAt", "locationId", "ownerId", data FROM (
          SELECT t.* FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS e (event, nr),
            jsonb_to_record(e.event) AS t (id text, type text, corrects text, subject text, "happenedAt" timestamptz,
              "locationId" int, "ownerId" int, data jsonb)
          WHERE NOT EXISTS (SELECT FROM outbound_events known WHERE known.id = t.id) ORDER BY e.nr
        ) AS t ON CONFLICT (id) DO NOTHING RETURNING *
      ) SELECT ${COLUMNS} FROM added ORDER BY added.position`,
    values: [JSON.stringify(rows)],
  });
  return added;
}

/** Events after a position, in order. */
export async function readEvents(db: Pool | PoolClient, after: number, limit: number): Promise<RecordedEvent[]> {
  const { rows } = await db.query<RecordedEvent>({
    name: "read_events",
    text: `SELECT ${COLUMNS} FROM outbound_events WHERE position > $1 ORDER BY outbound_events.position LIMIT $2`,
    values: [after, limit],
  });
  return rows;
}
