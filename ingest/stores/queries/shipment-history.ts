import type { Pool, PoolClient } from "pg";
import type { PlannedDrivers } from "../../domain/custody/drivers.ts";
import type { Fact, Subject } from "../../domain/fact.ts";
import type { OnVehicleInterval, PlannedHandling } from "../../domain/shipment/state.ts";
import type { TimeRange } from "../../domain/time-range.ts";
import { msOfTime, timeOfMs } from "../sql-time.ts";
import type { CustodyEnd } from "./custody/tellings.ts";
import { FEW_ROWS } from "./facts.ts";

/** A shipment's row: the context of its fold, and the state as it was last folded. Times in epoch milliseconds. */
export interface StoredShipment {
  id: number;
  destinationId: number | null;
  quantity: number;
  version: number;
  status: string;
  stage: string;
  stageSince: number;
  locationId: number | null;
  vehicleId: number | null;
  /** when it was on which vehicle, in the order of time */
  onVehicle: OnVehicleInterval[];
  /** the end of its custody log; null: it has none yet */
  custody: CustodyEnd | null;
  /** where planned trips load and unload it */
  plannedStops: PlannedHandling[];
  /** who is planned to drive these trips, and who was before */
  plannedDrivers: PlannedDrivers[];
}

/** A tag, and when it identifies the shipment: the tag of a handling unit does so only while the unit is packed. */
interface TagPeriod extends TimeRange {
  epc: string;
}

/** Everything that folding some shipments again needs, and the versions to check at the commit, from one snapshot. */
export interface ShipmentHistories {
  shipments: StoredShipment[];
  /** by shipment: its own facts, those of its tags, and those of vehicles since it was first loaded on them */
  facts: Map<number, Fact[]>;
  /** of every subject that was read; 0 when it has no facts */
  versions: Map<Subject, number>;
  /** by shipment: the tags that identify it */
  tags: Map<number, TagPeriod[]>;
}

/** Selects shipments. */
export interface ShipmentHistoryQuery {
  shipmentIds: readonly number[];
  tags: readonly string[];
  /** shipments that were on these vehicles at these times (epoch milliseconds) */
  vehicleTimes: readonly { vehicleId: number; at: number }[];
  /** facts that name a vehicle and are being recorded now: the facts of these vehicles are part of the history too */
  loadings: readonly { shipmentId: number; vehicleId: number; at: number }[];
  readsAboard: readonly { epc: string; vehicleId: number; at: number }[];
}

/** How far around a fact that names a vehicle the facts of that vehicle matter: the database knows (migration 0014). */
const AROUND = "around_vehicle()";

const LOAD_HISTORIES = `
WITH vehicle_times AS (
  SELECT vehicle_id, ${timeOfMs("at")} AS at FROM unnest($3::int[], $4::float8[]) AS v (vehicle_id, at)
), named AS (
  SELECT DISTINCT f.subject FROM vehicle_times v CROSS JOIN LATERAL (
    SELECT subject FROM facts WHERE (data ->> 'vehicleId')::int = v.vehicle_id AND at BETWEEN v.at - ${AROUND} AND v.at + ${AROUND}
      AND data ? 'vehicleId' AND withdrawn_at IS NULL ${FEW_ROWS}
  ) AS f
), affected AS (
  SELECT id FROM shipments WHERE id = ANY($1::int[])
  UNION SELECT shipment_id FROM shipments_of_tags($2::text[] || ARRAY(SELECT substr(subject, 5) FROM named WHERE subject LIKE 'tag:%'))
  UNION SELECT substr(subject, 10)::int FROM named WHERE subject LIKE 'shipment:%'
  UNION SELECT a.shipment_id FROM vehicle_times v CROSS JOIN LATERAL (
    SELECT shipment_id FROM shipment_on_vehicle
    WHERE vehicle_id = v.vehicle_id AND from_at <= v.at AND (to_at IS NULL OR to_at >= v.at) ${FEW_ROWS}
  ) AS a
), tagged AS (
  SELECT * FROM tags_of_shipments(ARRAY(SELECT id FROM affected))
), named_now AS (
  SELECT s AS shipment_id, v AS vehicle_id, ${timeOfMs("at")} AS at FROM unnest($5::int[], $6::int[], $7::float8[]) AS t (s, v, at)
  UNION ALL
  SELECT tagged.shipment_id, v, ${timeOfMs("at")} FROM unnest($9::text[], $10::int[], $11::float8[]) AS t (e, v, at)
    JOIN tagged ON tagged.epc = e
), subjects AS (
  SELECT shipment_id, subject, min(since) AS since, until FROM (
    SELECT * FROM subjects_of_shipments(ARRAY(SELECT id FROM affected))
    UNION ALL SELECT shipment_id, 'vehicle:' || vehicle_id, at - ${AROUND}, NULL FROM named_now
  ) AS all_subjects GROUP BY shipment_id, subject, until
)
SELECT
  (SELECT coalesce(json_agg(json_build_object('id', s.id, 'destinationId', s.destination_id, 'quantity', s.quantity, 'version', s.version,
      'status', s.status, 'stage', s.stage, 'stageSince', ${msOfTime("s.stage_since")}, 'locationId', s.location_id, 'vehicleId', s.vehicle_id, 'onVehicle', (
        SELECT coalesce(json_agg(json_build_object('vehicleId', v.vehicle_id, 'from', ${msOfTime("v.from_at")}, 'to', ${msOfTime("v.to_at")})
          ORDER BY v.from_at, v.vehicle_id), '[]') FROM shipment_on_vehicle v WHERE v.shipment_id = s.id), 'custody', (
        SELECT json_build_object('position', h.position, 'hash', encode(h.hash, 'hex'), 'digest', h.digest)
        FROM custody_heads h WHERE h.shipment_id = s.id), 'plannedStops', (
        SELECT coalesce(json_agg(json_build_object('vehicleId', t.vehicle_id, 'locationId', p.location_id, 'action', h.action,
            'from', ${msOfTime("t.starts_at")}, 'to', ${msOfTime("t.ends_at")})), '[]')
          FROM trip_stop_shipments h JOIN trips t ON t.id = h.trip_id AND t.cancelled_at IS NULL
            JOIN trip_stops p ON p.trip_id = h.trip_id AND p.sequence = h.sequence WHERE h.shipment_id = s.id), 'plannedDrivers', (
        SELECT coalesce(json_agg(json_build_object('tripId', t.id, 'vehicleId', t.vehicle_id, 'from', ${msOfTime("t.starts_at")}, 'to', ${msOfTime("t.ends_at")},
            'drivers', (SELECT json_agg(json_build_object('until', ${msOfTime("w.until")}, 'id', w.driver_id, 'name', coalesce(d.name, w.driver_name))
                ORDER BY w.until NULLS LAST)
              FROM (SELECT until, driver_id, driver_name FROM trip_drivers WHERE trip_id = t.id UNION ALL SELECT NULL, t.driver_id, t.driver_name) w
                LEFT JOIN drivers d ON d.id = w.driver_id)) ORDER BY t.id), '[]')
          FROM trips t WHERE t.cancelled_at IS NULL AND t.id IN (SELECT trip_id FROM trip_stop_shipments WHERE shipment_id = s.id)))), '[]')
    FROM shipments s WHERE s.id = ANY(ARRAY(SELECT id FROM affected))) AS shipments,
  (SELECT coalesce(json_agg(json_build_object('shipmentId', j.shipment_id, 'fact', json_build_object('id', f.id, 'key', f.key, 'subject', f.subject,
      'at', ${msOfTime("f.at")}, 'type', f.type, 'data', f.data, 'rule', f.rule, 'evidence', f.evidence, 'confidence', f.confidence,
      'deviceId', f.device_id, 'actorId', f.actor_id))), '[]')
    FROM subjects j CROSS JOIN LATERAL (SELECT * FROM facts f WHERE f.subject = j.subject AND f.at >= coalesce(j.since, '-infinity')
      AND f.at < coalesce(j.until, 'infinity') AND f.withdrawn_at IS NULL ${FEW_ROWS}) AS f) AS facts,
  (SELECT coalesce(json_agg(json_build_object('subject', j.subject, 'version', coalesce(v.version, 0))), '[]')
    FROM (SELECT subject FROM subjects UNION SELECT unnest($8::text[])) AS j
    LEFT JOIN LATERAL (SELECT version FROM fold_versions v WHERE v.subject = j.subject ${FEW_ROWS}) AS v ON true) AS versions,
  (SELECT coalesce(json_agg(json_build_object('shipmentId', shipment_id, 'epc', epc,
      'since', ${msOfTime("since")}, 'until', ${msOfTime("until")})), '[]') FROM tagged) AS tags`;

/** Reads the histories of the selected shipments, and the versions of `alsoVersionsOf`, in one statement. */
export async function loadShipmentHistories(
  client: Pool | PoolClient,
  query: ShipmentHistoryQuery,
  alsoVersionsOf: readonly Subject[],
): Promise<ShipmentHistories> {
  const { rows } = await client.query<{
    shipments: StoredShipment[];
    facts: { shipmentId: number; fact: Fact }[];
    versions: { subject: Subject; version: number }[];
    tags: (TagPeriod & { shipmentId: number })[];
  }>({
    name: "load_shipment_histories",
    text: LOAD_HISTORIES,
    values: [
      query.shipmentIds,
      query.tags,
      query.vehicleTimes.map(({ vehicleId }) => vehicleId),
      query.vehicleTimes.map(({ at }) => at),
      query.loadings.map(({ shipmentId }) => shipmentId),
      query.loadings.map(({ vehicleId }) => vehicleId),
      query.loadings.map(({ at }) => at),
      alsoVersionsOf,
      query.readsAboard.map(({ epc }) => epc),
      query.readsAboard.map(({ vehicleId }) => vehicleId),
      query.readsAboard.map(({ at }) => at),
    ],
  });
  const row = rows[0]!;
  const facts = new Map<number, Fact[]>(row.shipments.map(({ id }) => [id, []]));
  for (const { shipmentId, fact } of row.facts) facts.get(shipmentId)?.push(fact);
  const tags = new Map<number, TagPeriod[]>(row.shipments.map(({ id }) => [id, []]));
  for (const { shipmentId, ...tag } of row.tags) tags.get(shipmentId)?.push(tag);
  const versions = new Map(row.versions.map(({ subject, version }) => [subject, version]));
  return { shipments: row.shipments, facts, versions, tags };
}
