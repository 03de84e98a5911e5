import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../../../domain/fact.ts";
import { LONGEST_STOP_MS } from "../../../domain/trip/stops-to-verify.ts";
import type { StopToVerify, TripEvidence, Unit, UnitTag } from "../../../domain/trip/verified.ts";
import { msOfTime } from "../../sql-time.ts";

/*
 * What the load of a trip is verified by. The API reads it by the same queries, so that its page and the alert cannot disagree.
 */

type Reader = Pool | PoolClient;

/** Each place with all below it: gates and shelves are parts of a place. */
export async function loadPlacesBelow(db: Reader, ids: readonly number[]): Promise<Map<number, Set<number>>> {
  const { rows } = await db.query<{ of: number; id: number }>(
    `WITH RECURSIVE below AS (SELECT DISTINCT id AS of, id FROM unnest($1::int[]) AS id
        UNION SELECT b.of, l.id FROM locations l JOIN below b ON l.parent_id = b.id) SELECT of, id FROM below`,
    [ids],
  );
  const places = new Map<number, Set<number>>();
  for (const { of, id } of rows) places.set(of, (places.get(of) ?? new Set()).add(id));
  return places;
}

const FACT = `f.key, f.subject, ${msOfTime("f.at")} AS at, f.type, f.data, f.rule, f.evidence, f.confidence, f.device_id AS "deviceId"`;

/** A pass through a gate, or a read aboard, of tags of a shipment that no stop plans is looked up by what was read. */
export async function loadTripEvidence(
  db: Reader,
  vehicleId: number,
  stops: readonly StopToVerify[],
): Promise<TripEvidence> {
  const planned = [...new Set(stops.flatMap(({ load, unload }) => [...load, ...unload]))];
  const times = stops.flatMap(({ during }) => (during ? [during.from, during.to] : []));
  if (times.length === 0) return { vehicleId, units: await loadUnits(db, planned, null), facts: [], onVehicles: [] };
  const [from, to] = [Math.min(...times) - LONGEST_STOP_MS, Math.max(...times) + LONGEST_STOP_MS].map(
    (ms) => new Date(ms),
  );
  const units = await loadUnits(db, planned, from!);
  const subjects = [
    ...planned.map((id) => `shipment:${id}`),
    ...new Set(units.flatMap(({ tags }) => tags.map(({ epc }) => `tag:${epc}`))),
  ];
  const { rows: facts } = await db.query<NewFact>(
    `SELECT DISTINCT ON (f.key) ${FACT} FROM (
      SELECT f.* FROM unnest($1::text[]) AS s CROSS JOIN LATERAL (
        SELECT * FROM facts WHERE subject = s AND at BETWEEN $2 AND $3 AND withdrawn_at IS NULL OFFSET 0) AS f
      UNION ALL SELECT * FROM facts WHERE data ? 'vehicleId' AND (data ->> 'vehicleId')::int = $4 AND at BETWEEN $2 AND $3 AND withdrawn_at IS NULL
      UNION ALL SELECT * FROM facts WHERE type = 'seen' AND data ? 'portal' AND (data ->> 'locationId')::int = ANY($5::int[])
        AND at BETWEEN $2 AND $3 AND withdrawn_at IS NULL
    ) AS f ORDER BY f.key`,
    [subjects, from, to, vehicleId, [...new Set(stops.flatMap(({ locationIds }) => [...locationIds]))]],
  );
  const epcs = new Set(facts.flatMap(({ subject }) => (subject.startsWith("tag:") ? [subject.slice(4)] : [])));
  const others = await shipmentsOf(db, [...epcs], planned);
  const { rows: onVehicles } = await db.query<TripEvidence["onVehicles"][number]>(
    `SELECT shipment_id AS "shipmentId", vehicle_id AS "vehicleId", ${msOfTime("from_at")} AS "from", ${msOfTime("to_at")} AS "to"
    FROM shipment_on_vehicle WHERE (vehicle_id = $1 OR shipment_id = ANY($4::int[])) AND from_at <= $3 AND (to_at IS NULL OR to_at >= $2)`,
    [vehicleId, from, to, [...planned, ...others]],
  );
  const aboard = facts.filter((fact) => fact.type === "seen" && fact.data.vehicleId === vehicleId);
  const readersSince = await firstReads(db, [...new Set(aboard.flatMap(({ deviceId }) => deviceId ?? []))]);
  return { vehicleId, units: [...units, ...(await loadUnits(db, others, from!))], facts, onVehicles, readersSince };
}

/** When each of these readers first heard a tag, epoch milliseconds. */
async function firstReads(db: Reader, deviceIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ id: string; at: number }>(
    `SELECT reader AS id, ${msOfTime("f.at")} AS at FROM unnest($1::text[]) AS reader CROSS JOIN LATERAL (
      SELECT min(at) AS at FROM facts WHERE device_id = reader AND signal IS NOT NULL AND type = 'seen') AS f WHERE f.at IS NOT NULL`,
    [deviceIds],
  );
  return new Map(rows.map(({ id, at }) => [id, at]));
}

/** Shipments that these tags identify, without those that are known. */
async function shipmentsOf(db: Reader, epcs: readonly string[], known: readonly number[]): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    "SELECT DISTINCT shipment_id AS id FROM shipments_of_tags($1::text[]) WHERE NOT shipment_id = ANY($2::int[])",
    [epcs, known],
  );
  return rows.map(({ id }) => id);
}

/** The units of shipments, each with its own tags and those of the units around it; a shipment without any is one unit. @param since units that were unpacked before are none */
async function loadUnits(db: Reader, shipmentIds: readonly number[], since: Date | null): Promise<Unit[]> {
  const { rows } = await db.query<{ shipmentId: number; sscc: string | null; tags: UnitTag[] }>(
    `WITH RECURSIVE carried (unit_id, carrier_id, depth, since, until) AS (
      SELECT id, id, 0, packed_at, unpacked_at FROM handling_units WHERE shipment_id = ANY($1::int[])
      UNION SELECT c.unit_id, p.parent_id, c.depth + 1, greatest(c.since, p.packed_at), least(c.until, p.unpacked_at)
        FROM carried c JOIN handling_units p ON p.id = c.carrier_id WHERE p.parent_id IS NOT NULL AND c.depth < 10
    ), unit_tags AS (
      SELECT c.unit_id, json_agg(json_build_object('epc', t.epc, 'since', ${msOfTime("greatest(t.since, c.since)")},
          'until', ${msOfTime("least(t.until, c.until)")}) ORDER BY c.depth, t.epc = u.epc DESC NULLS LAST, t.epc) AS tags
      FROM carried c JOIN shipment_tags t ON t.handling_unit_id = c.carrier_id JOIN handling_units u ON u.id = c.carrier_id GROUP BY c.unit_id
    ), units AS (
      SELECT u.shipment_id, u.sscc, coalesce(t.tags, '[]'::json) AS tags FROM handling_units u LEFT JOIN unit_tags t ON t.unit_id = u.id
        WHERE u.shipment_id = ANY($1::int[]) AND (u.unpacked_at IS NULL OR u.unpacked_at > coalesce($2::timestamptz, '-infinity'))
      UNION ALL SELECT t.shipment_id, NULL, json_build_array(json_build_object('epc', t.epc, 'since', ${msOfTime("t.since")}, 'until', ${msOfTime("t.until")}))
        FROM shipment_tags t WHERE t.shipment_id = ANY($1::int[]) AND t.handling_unit_id IS NULL
    )
    SELECT shipment_id AS "shipmentId", sscc, tags FROM units
    UNION ALL SELECT id, NULL, '[]'::json FROM unnest($1::int[]) AS id WHERE id NOT IN (SELECT shipment_id FROM units)
    ORDER BY 1, 2 NULLS LAST`,
    [shipmentIds, since],
  );
  return rows;
}
