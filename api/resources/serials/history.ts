import type { Reader } from "../../auth/limits.ts";
import type { Serial, SerialEvent } from "./schema.ts";

/**
 * What happened to a piece by the scans of its barcode and the reads of its tag, newest first: where, with which device, by whom.
 * A scan repeats the one before it when it says the same again (ingest/domain/stock/serial-moves.ts).
 * @param before time and id of the last event on the page before
 */
export async function listSerialEvents(
  db: Reader,
  { gtin, serial, epc }: Pick<Serial, "gtin" | "serial" | "epc">,
  before: readonly [string, number] | undefined,
  limit: number,
): Promise<SerialEvent[]> {
  const { rows } = await db.query<SerialEvent>({
    name: "api_serial_events",
    text: `SELECT e.id, date_trunc('milliseconds', e.at) AS at, e.event, e.repeats, p.id AS location_id, v.id AS vehicle_id, e.device_id,
        e.actor_id, e.lot, e.confidence FROM (
        SELECT f.id, f.at, CASE WHEN (f.data ->> 'isReceived')::boolean THEN 'received' ELSE 'picked' END AS event,
          coalesce((f.data -> 'isReceived') = lag(f.data -> 'isReceived') OVER scans
            AND (NOT (f.data ->> 'isReceived')::boolean OR f.data -> 'stockId' = lag(f.data -> 'stockId') OVER scans), false) AS repeats,
          true AS has_place, i.location_id, NULL::int AS vehicle_id, f.device_id, f.actor_id, f.data ->> 'lot' AS lot, f.confidence
        FROM facts f LEFT JOIN inventory_items i ON i.id = (f.data ->> 'stockId')::int
        WHERE f.subject = 'serial:' || $1::text || '/' || $2::text AND f.type = 'serial_scanned' AND f.withdrawn_at IS NULL
        WINDOW scans AS (ORDER BY f.at, f.key)
        UNION ALL
        SELECT f.id, f.at, CASE WHEN f.type = 'gone' THEN 'unseen' WHEN f.data ? 'vehicleId' THEN 'aboard' WHEN f.data ->> 'direction' = 'in' THEN 'came'
            WHEN f.data ->> 'direction' = 'out' THEN 'left' ELSE 'passed' END, false, f.data ->> 'locationId' IS NOT NULL,
          (f.data ->> 'locationId')::int, (f.data ->> 'vehicleId')::int, f.device_id, f.actor_id, NULL, f.confidence
        FROM facts f WHERE f.subject = 'tag:' || $3::text AND f.withdrawn_at IS NULL
          AND (f.type = 'seen' OR f.type = 'gone' AND NOT coalesce((f.data ->> 'portal')::boolean, false))
      ) e LEFT JOIN locations p ON p.id = e.location_id LEFT JOIN vehicles v ON v.id = e.vehicle_id
      WHERE (NOT e.has_place OR p.id IS NOT NULL) AND (e.vehicle_id IS NULL OR v.id IS NOT NULL)
        AND (date_trunc('milliseconds', e.at), e.id) < (coalesce($4::timestamptz, 'infinity'), $5::bigint)
      ORDER BY date_trunc('milliseconds', e.at) DESC, e.id DESC LIMIT $6`,
    values: [gtin, serial, epc, before?.[0] ?? null, before?.[1] ?? 0, limit],
  });
  return rows;
}
