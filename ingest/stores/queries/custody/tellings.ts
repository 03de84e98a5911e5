import type { Pool, PoolClient } from "pg";
import type { Telling } from "../../../domain/custody/log.ts";
import type { CustodyContent } from "../../../domain/custody/milestones.ts";
import { FEW_ROWS } from "../facts.ts";

/** Where a custody log ends. */
export interface CustodyEnd {
  position: number;
  /** of the last entry, hexadecimal digits */
  hash: string;
  /** of what the log says in all */
  digest: string;
}

/** What custody logs say: the newest entry of each event, by shipment. */
export async function loadTellings(
  client: Pool | PoolClient,
  shipmentIds: readonly number[],
): Promise<Map<number, Telling[]>> {
  const { rows } = await client.query<Telling & { shipmentId: number; content: StoredContent }>({
    name: "load_custody_tellings",
    text: `SELECT t.* FROM unnest($1::int[]) AS s (id) CROSS JOIN LATERAL (
        SELECT DISTINCT ON (first_position) shipment_id AS "shipmentId", event_key AS key, first_position AS "firstPosition", kind, content
        FROM custody_entries WHERE shipment_id = s.id ORDER BY first_position, position DESC ${FEW_ROWS}
      ) AS t`,
    values: [shipmentIds],
  });
  const tellings = new Map<number, Telling[]>();
  for (const { shipmentId, ...row } of rows) {
    const telling = { ...row, content: contentOf(row.content) };
    const known = tellings.get(shipmentId);
    if (known) known.push(telling);
    else tellings.set(shipmentId, [telling]);
  }
  return tellings;
}

/** An entry as it is stored: its place and its time, and what it says. */
type StoredContent = CustodyContent & Record<(typeof PLACE)[number], unknown>;
const PLACE = ["shipment_id", "position", "kind", "corrects", "recorded_at", "reason"] as const;

function contentOf(stored: StoredContent): CustodyContent {
  return Object.fromEntries(
    Object.entries(stored).filter(([name]) => !(PLACE as readonly string[]).includes(name)),
  ) as unknown as CustodyContent;
}

/** Shipments after `after` whose custody log has not begun, in the order of their ids. */
export async function shipmentsWithoutCustody(pool: Pool, after: number, limit: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>({
    name: "shipments_without_custody",
    text: `SELECT id FROM shipments s WHERE id > $1 AND NOT EXISTS (SELECT FROM custody_heads h WHERE h.shipment_id = s.id)
      ORDER BY id LIMIT $2`,
    values: [after, limit],
  });
  return rows.map(({ id }) => id);
}
