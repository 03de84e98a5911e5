import type { Pool } from "pg";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { verifyTrip } from "../../../ingest/domain/trip/verification.ts";
import type {
  StopToVerify,
  TripEvidence,
  Unit,
  UnitTag,
  VerifiedHandling,
} from "../../../ingest/domain/trip/verified.ts";
import type { Reader } from "../../auth/limits.ts";
import { msOfTime } from "../../http/sql-time.ts";
import type { Trip, VerifiedUnit } from "./schema.ts";

/** Where a vehicle stood since before anything is known, or still stands, so much of the time counts, milliseconds. */
const LONGEST_STOP_MS = 12 * 3_600_000;

/** Holds what was to be loaded and unloaded against what was read. Facts are read without limits; of shipments only those are named that `db` shows. */
export async function readVerification(db: Reader, pool: Pool, trip: Trip) {
  const places = await placesBelow(
    pool,
    trip.stops.map(({ location_id: id }) => id),
  );
  const stops = trip.stops.map((stop, at) => stopToVerify(trip, at, places.get(stop.location_id) ?? new Set()));
  const verified = verifyTrip(stops, await loadEvidence(pool, trip, stops));
  const handlings = verified.flatMap(({ load, unload }) => [load, unload]);
  const named = handlings.flatMap(({ read, missing, extra }) => [...read, ...missing, ...extra]);
  const shipments = await trackingNumbers(
    db,
    named.flatMap(({ shipmentId: id }) => (id === null ? [] : [id])),
  );
  const verifiedStops = trip.stops.map(({ sequence, location_id, location }, at) => ({
    sequence,
    location_id,
    location,
    is_final: stops[at]!.hasLeft || stops[at]!.isSkipped,
    load: handlingOf(verified[at]!.load, shipments),
    unload: handlingOf(verified[at]!.unload, shipments),
  }));
  return { trip_id: trip.id, stops: verifiedStops };
}

function handlingOf({ expected, read, missing, extra }: VerifiedHandling, shipments: ReadonlyMap<number, string>) {
  const unitOf = ({ shipmentId, sscc, epc, at, by }: VerifiedHandling["read"][number]): VerifiedUnit => {
    const tracking = shipmentId === null ? undefined : shipments.get(shipmentId);
    const isVisible = tracking !== undefined;
    return {
      shipment_id: isVisible ? shipmentId : null,
      tracking_number: tracking ?? null,
      sscc: isVisible ? sscc : null,
      epc,
      at: at === null ? null : new Date(at),
      by,
    };
  };
  return {
    expected,
    read: read.map(unitOf),
    missing: missing.map(unitOf),
    extra: extra.map(unitOf),
    read_rate: expected === 0 ? null : read.length / expected,
  };
}

function stopToVerify({ stops }: Trip, at: number, locationIds: ReadonlySet<number>): StopToVerify {
  const stop = stops[at]!;
  const [arrived, departed] = [stop.arrived_at?.getTime() ?? null, stop.departed_at?.getTime() ?? null];
  const idsOf = (action: "load" | "unload") =>
    new Set(stop.shipments.flatMap((named) => (named.action === action ? [named.id] : [])));
  const isThere = stop.state === "there" || stop.state === "left";
  const from = arrived ?? (departed ?? stop.window.from.getTime()) - LONGEST_STOP_MS;
  return {
    locationIds,
    during: isThere ? { from, to: departed ?? from + LONGEST_STOP_MS } : null,
    hasLeft: stop.state === "left",
    nextArrival:
      stops
        .slice(at + 1)
        .find((later) => later.arrived_at)
        ?.arrived_at?.getTime() ?? Infinity,
    isSkipped: stop.state === "skipped" || stop.state === "passed",
    load: idsOf("load"),
    unload: idsOf("unload"),
  };
}

/** Each place with all below it: gates and shelves are parts of a place. */
async function placesBelow(pool: Pool, ids: readonly number[]): Promise<Map<number, Set<number>>> {
  const { rows } = await pool.query<{ of: number; id: number }>(
    `WITH RECURSIVE below AS (SELECT DISTINCT id AS of, id FROM unnest($1::int[]) AS id
        UNION SELECT b.of, l.id FROM locations l JOIN below b ON l.parent_id = b.id) SELECT of, id FROM below`,
    [ids],
  );
  const places = new Map<number, Set<number>>();
  for (const { of, id } of rows) places.set(of, (places.get(of) ?? new Set()).add(id));
  return places;
}

async function trackingNumbers(db: Reader, ids: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await db.query<{ id: number; tracking: string }>(
    "SELECT id, tracking_number AS tracking FROM shipments WHERE id = ANY($1::int[])",
    [ids],
  );
  return new Map(rows.map(({ id, tracking }) => [id, tracking]));
}

const FACT = `f.key, f.subject, ${msOfTime("f.at")} AS at, f.type, f.data, f.rule, f.evidence, f.confidence, f.device_id AS "deviceId"`;

/** A pass through a gate, or a read aboard, of tags of a shipment that no stop plans is looked up by what was read. */
async function loadEvidence(pool: Pool, trip: Trip, stops: readonly StopToVerify[]): Promise<TripEvidence> {
  const { vehicle_id: vehicleId } = trip;
  const planned = [...new Set(trip.stops.flatMap(({ shipment_ids: ids }) => ids))];
  const times = stops.flatMap(({ during }) => (during ? [during.from, during.to] : []));
  if (times.length === 0) return { vehicleId, units: await loadUnits(pool, planned, null), facts: [], onVehicles: [] };
  const [from, to] = [Math.min(...times) - LONGEST_STOP_MS, Math.max(...times) + LONGEST_STOP_MS].map(
    (ms) => new Date(ms),
  );
  const units = await loadUnits(pool, planned, from!);
  const subjects = [
    ...planned.map((id) => `shipment:${id}`),
    ...new Set(units.flatMap(({ tags }) => tags.map(({ epc }) => `tag:${epc}`))),
  ];
  const { rows: facts } = await pool.query<NewFact>(
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
  const others = await shipmentsOf(pool, [...epcs], planned);
  const { rows: onVehicles } = await pool.query<TripEvidence["onVehicles"][number]>(
    `SELECT shipment_id AS "shipmentId", vehicle_id AS "vehicleId", ${msOfTime("from_at")} AS "from", ${msOfTime("to_at")} AS "to"
    FROM shipment_on_vehicle WHERE (vehicle_id = $1 OR shipment_id = ANY($4::int[])) AND from_at <= $3 AND (to_at IS NULL OR to_at >= $2)`,
    [vehicleId, from, to, [...planned, ...others]],
  );
  const aboard = facts.filter((fact) => fact.type === "seen" && fact.data.vehicleId === vehicleId);
  const readersSince = await firstReads(pool, [...new Set(aboard.flatMap(({ deviceId }) => deviceId ?? []))]);
  return { vehicleId, units: [...units, ...(await loadUnits(pool, others, from!))], facts, onVehicles, readersSince };
}

/** When each of these readers first heard a tag, epoch milliseconds. */
async function firstReads(pool: Pool, deviceIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ id: string; at: number }>(
    `SELECT reader AS id, ${msOfTime("f.at")} AS at FROM unnest($1::text[]) AS reader CROSS JOIN LATERAL (
      SELECT min(at) AS at FROM facts WHERE device_id = reader AND signal IS NOT NULL AND type = 'seen') AS f WHERE f.at IS NOT NULL`,
    [deviceIds],
  );
  return new Map(rows.map(({ id, at }) => [id, at]));
}

/** Shipments that these tags identify, without those that are known. */
async function shipmentsOf(pool: Pool, epcs: readonly string[], known: readonly number[]): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    "SELECT DISTINCT shipment_id AS id FROM shipments_of_tags($1::text[]) WHERE NOT shipment_id = ANY($2::int[])",
    [epcs, known],
  );
  return rows.map(({ id }) => id);
}

/** The units of shipments, each with its own tags and those of the units around it; a shipment without any is one unit. @param since units that were unpacked before are none */
async function loadUnits(pool: Pool, shipmentIds: readonly number[], since: Date | null): Promise<Unit[]> {
  const { rows } = await pool.query<{ shipmentId: number; sscc: string | null; tags: UnitTag[] }>(
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
