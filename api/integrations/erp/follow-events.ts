import type { Pool } from "pg";
import type { RecordedEvent } from "../events/event.ts";
import { follow } from "../events/followers.ts";

/** Events that are taken at once. */
const BATCH = 500;

/** What an event is about, for an ERP; undefined: nothing that it is told of. */
function subjectOf({ subject, data }: RecordedEvent): { kind: string; id: number } | undefined {
  const [, path, id] = /^\/([a-z-]+)\/(\d+)$/.exec(subject) ?? [];
  switch (path) {
    case "shipments":
      return { kind: "shipment", id: Number(id) };
    case "orders":
      return { kind: "order", id: Number(id) };
    case "inventory-items":
      return typeof data["item_id"] === "number" ? { kind: "item", id: data["item_id"] } : undefined;
    default:
      return undefined;
  }
}

/** Notes what has changed for every connection, and lets those begin that may have something to tell. @returns how many events it took */
export async function followEvents(pool: Pool): Promise<number> {
  const taken = await follow(pool, "erp", BATCH, async (events) => {
    const subjects = events.flatMap((event) => subjectOf(event) ?? []);
    if (subjects.length > 0) {
      await pool.query(
        `WITH noted AS (
          INSERT INTO erp_changes (connection_id, kind, record_id)
          SELECT DISTINCT e.id, s.kind, s.id FROM erp_connections e CROSS JOIN jsonb_to_recordset($1::jsonb) AS s (kind text, id bigint)
          ON CONFLICT DO NOTHING RETURNING connection_id, kind, record_id)
        -- A pass that is under way may have looked already: another follows it.
        UPDATE erp_connections SET next_sync_at = CASE WHEN claim IS NULL THEN least(next_sync_at, clock_timestamp()) ELSE clock_timestamp() END
        WHERE (failing_since IS NULL OR claim IS NOT NULL) AND id IN (
          SELECT n.connection_id FROM noted n WHERE n.kind <> 'item' AND (
            (n.kind = 'order' AND 'both' IN (options -> 'sync' ->> 'sales', options -> 'sync' ->> 'purchases')) OR EXISTS (
            SELECT FROM erp_documents d WHERE d.connection_id = n.connection_id AND d.kind IN ('sale', 'purchase')
              AND d.local_id = CASE n.kind WHEN 'order' THEN n.record_id ELSE (SELECT order_id FROM shipments WHERE id = n.record_id) END)))`,
        [JSON.stringify(subjects)],
      );
    }
    return events.at(-1)!.position;
  });
  return taken ?? 0;
}
