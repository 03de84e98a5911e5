import type { Pool } from "pg";
import { timesOf } from "../../../../ingest/domain/conditions/shipment-times.ts";
import { foldShipment } from "../../../../ingest/domain/shipment/shipment.ts";
import { loadContext, loadHistory } from "../history-queries.ts";
import type { Shipment } from "../schema.ts";

/** A tracker on the goods, or on a vehicle while it carried them, and from when to when; `to` is null while it still is. */
export interface ShipmentTracker {
  device_id: string;
  on: "goods" | "vehicle";
  from: Date;
  to: Date | null;
}

/** The trackers of a shipment in the order of time, those on the goods first. */
export async function trackersOf(
  pool: Pool,
  shipment: Pick<Shipment, "id" | "destination_id">,
): Promise<ShipmentTracker[]> {
  const { rows } = await pool.query<ShipmentTracker>({
    name: "api_shipment_trackers",
    text: `WITH mounted AS (
        SELECT m.device_id, m.since, 'vehicle' AS carrier, a.from_at, a.to_at FROM shipment_on_vehicle a
          JOIN device_mounts m ON m.mount ? 'vehicle_id' AND (m.mount ->> 'vehicle_id')::int = a.vehicle_id WHERE a.shipment_id = $1
        UNION ALL
        SELECT m.device_id, m.since, 'goods', s.created_at, NULL FROM shipments s
          JOIN device_mounts m ON m.mount ? 'shipment_id' AND (m.mount ->> 'shipment_id')::int = s.id WHERE s.id = $1)
      SELECT a.device_id, a.carrier AS "on", greatest(a.from_at, a.since) AS "from", least(a.to_at, next.since) AS "to"
      FROM mounted a JOIN devices d ON d.id = a.device_id
        LEFT JOIN device_states s ON s.device_id = a.device_id
        LEFT JOIN LATERAL (
          SELECT since FROM device_mounts WHERE device_id = a.device_id AND since > a.since ORDER BY since LIMIT 1
        ) AS next ON true
      WHERE greatest(a.from_at, a.since) < coalesce(least(a.to_at, next.since), 'infinity')
        -- A gateway or a temperature probe may send positions too.
        AND (d.kind = 'gps' OR s.latest -> 'gps' IS NOT NULL OR s.latest -> 'gps_flagged' IS NOT NULL)
      ORDER BY 2, 3, 1`,
    values: [shipment.id],
  });
  const isOnGoods = rows.some(({ on }) => on === "goods");
  const end = isOnGoods ? await endOf(pool, shipment) : null;
  return end === null ? rows : rows.flatMap((tracker) => (tracker.on === "goods" ? until(tracker, end) : tracker));
}

/** When the shipment was closed: what its tracker sends later is no track of these goods. */
async function endOf(pool: Pool, shipment: Pick<Shipment, "id" | "destination_id">): Promise<number | null> {
  const facts = await loadHistory(pool, shipment.id);
  return timesOf(foldShipment(facts, await loadContext(pool, shipment))?.events ?? [])?.ends ?? null;
}

function until(tracker: ShipmentTracker, end: number): ShipmentTracker[] {
  if (tracker.from.getTime() >= end) return [];
  return [{ ...tracker, to: new Date(Math.min(end, tracker.to?.getTime() ?? end)) }];
}
