import type { PoolClient } from "pg";
import type { LaneRun, StopDwell } from "../../../domain/eta/lane-run.ts";
import type { NewFact } from "../../../domain/fact.ts";
import { msOfTime, timeOfMs } from "../../sql-time.ts";

/** Of each lane, each place, and each lane and horizon so many are kept: the newest. */
export const KEPT = { runs: 30, dwells: 60, checks: 100 } as const;

/** A vehicle whose facts have changed since its lanes were derived. */
export interface ChangedVehicle {
  vehicleId: number;
  version: number;
  /** everything is due, not only the last days */
  whole: boolean;
}

/** The vehicles whose facts have changed, those that wait longest first. @param wholeAfter of everything, so long after the last time */
export async function changedVehicles(
  client: PoolClient,
  limit: number,
  wholeAfterMs: number,
): Promise<ChangedVehicle[]> {
  const { rows } = await client.query<ChangedVehicle>({
    name: "changed_vehicles",
    text: `SELECT v.id AS "vehicleId", f.version,
        l.vehicle_id IS NULL OR l.whole_at < now() - interval '1 millisecond' * $2::float8 AS whole
      FROM fold_versions f JOIN vehicles v ON v.id = substr(f.subject, 9)::int LEFT JOIN vehicle_legs l ON l.vehicle_id = v.id
      WHERE f.subject >= 'vehicle:' AND f.subject < 'vehicle;' AND f.version IS DISTINCT FROM l.version
      ORDER BY l.derived_at NULLS FIRST, v.id LIMIT $1`,
    values: [limit, wholeAfterMs],
  });
  return rows;
}

/** What tells of the lanes of a vehicle. @param since epoch milliseconds */
export async function loadLaneFacts(client: PoolClient, vehicleId: number, since: number): Promise<NewFact[]> {
  const { rows } = await client.query<NewFact>({
    name: "load_lane_facts",
    text: `SELECT key, subject, ${msOfTime("at")} AS at, type, data, rule, evidence, confidence::float8, device_id AS "deviceId"
      FROM facts WHERE subject = 'vehicle:' || $1::int AND at >= ${timeOfMs("$2")} AND type IN ('arrived', 'departed', 'trip')
        AND withdrawn_at IS NULL`,
    values: [vehicleId, since],
  });
  return rows;
}

type StoredRun = Pick<LaneRun, "departure" | "destinationId" | "departedAt" | "arrivedAt" | "stopsMs" | "distanceM">;

/** The runs of a vehicle that are kept. @param since epoch milliseconds */
export async function loadRuns(client: PoolClient, vehicleId: number, since: number): Promise<StoredRun[]> {
  const { rows } = await client.query<StoredRun>({
    name: "load_runs",
    text: `SELECT departure, destination_id AS "destinationId", ${msOfTime("departed_at")} AS "departedAt",
        ${msOfTime("arrived_at")} AS "arrivedAt", stops_s * 1000::float8 AS "stopsMs", distance_m AS "distanceM"
      FROM lane_runs WHERE vehicle_id = $1 AND departed_at >= ${timeOfMs("$2")}`,
    values: [vehicleId, since],
  });
  return rows;
}

/** Older runs of a lane are not kept: by lane, epoch milliseconds. */
export async function loadLaneFloors(client: PoolClient, runs: readonly LaneRun[]): Promise<Map<string, number>> {
  if (runs.length === 0) return new Map();
  const { rows: lanes } = await client.query<{ lane: string; floor: number }>({
    name: "lane_floors",
    text: `SELECT l.origin || ' ' || l.destination AS lane, (SELECT ${msOfTime("r.departed_at")} FROM lane_runs r
        WHERE r.origin_id = l.origin AND r.destination_id = l.destination ORDER BY r.departed_at DESC OFFSET ${KEPT.runs - 1} LIMIT 1) AS floor
      FROM (SELECT DISTINCT * FROM unnest($1::int[], $2::int[]) AS t (origin, destination)) l`,
    values: [runs.map(({ originId }) => originId), runs.map(({ destinationId }) => destinationId)],
  });
  return new Map(lanes.map(({ lane, floor }) => [lane, floor ?? -Infinity]));
}

/** Older dwells at a place are not kept: by place, epoch milliseconds. */
export async function loadDwellFloors(client: PoolClient, dwells: readonly StopDwell[]): Promise<Map<number, number>> {
  if (dwells.length === 0) return new Map();
  const { rows: places } = await client.query<{ place: number; floor: number }>({
    name: "dwell_floors",
    text: `SELECT p.id AS place, (SELECT ${msOfTime("d.arrived_at")} FROM stop_dwells d
        WHERE d.location_id = p.id ORDER BY d.arrived_at DESC OFFSET ${KEPT.dwells - 1} LIMIT 1) AS floor
      FROM (SELECT DISTINCT id FROM unnest($1::int[]) AS t (id)) p`,
    values: [dwells.map(({ locationId }) => locationId)],
  });
  return new Map(places.map(({ place, floor }) => [place, floor ?? -Infinity]));
}
