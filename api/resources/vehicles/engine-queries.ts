import type { Reader } from "../../auth/limits.ts";
import type { Span } from "../../../ingest/domain/spans.ts";
import { timeOfMs } from "../../http/sql-time.ts";
import { ABOARD, OF_ABOARD } from "./devices-aboard.ts";

/** An ignition holds until it is told again, for so long at most: after that nobody knows. */
export const IGNITION_HOLDS = "10 minutes";
/** A level that rises by less sways in the tank. */
const SWAY = 0.02;

/** Of a vehicle: how long did its engine idle in these times? */
export interface IdlingAsked {
  vehicleId: number;
  /** in any order; they may overlap */
  during: readonly Span[];
}

export interface VehicleSpan extends Span {
  vehicleId: number;
}

/**
 * How long the ignition was on, milliseconds, for each that is asked.
 * @param driven when each vehicle drove: its engine did not idle then
 * @returns null where at no moment of the time, drives included, the ignition is known
 */
export async function loadIdling(
  db: Reader,
  asked: readonly IdlingAsked[],
  driven: readonly VehicleSpan[],
): Promise<(number | null)[]> {
  const spans = asked.flatMap(({ vehicleId, during }, nth) => during.map((span) => ({ nth, vehicleId, ...span })));
  if (spans.length === 0) return asked.map(() => null);
  const { rows } = await db.query<{ nth: number; ms: number }>({
    name: "api_idling",
    text: `WITH ${ABOARD},
      asked AS (SELECT nth, vehicle_id, range_agg(tstzrange(${timeOfMs("a")}, ${timeOfMs("b")})) AS times
        FROM unnest($2::int[], $3::int[], $4::float8[], $5::float8[]) AS t (nth, vehicle_id, a, b) GROUP BY nth, vehicle_id),
      driven AS (SELECT vehicle_id, range_agg(tstzrange(${timeOfMs("a")}, ${timeOfMs("b")})) AS times
        FROM unnest($6::int[], $7::float8[], $8::float8[]) AS t (vehicle_id, a, b) GROUP BY vehicle_id),
      ignitions AS (SELECT a.vehicle_id, r.ts, r.ignition, least(lead(r.ts) OVER (PARTITION BY a.vehicle_id ORDER BY r.ts), r.ts + interval '${IGNITION_HOLDS}') AS until
        FROM aboard a JOIN vehicle_readings r ON ${OF_ABOARD} AND r.ts > ${timeOfMs("$9")} - interval '${IGNITION_HOLDS}' AND r.ts < ${timeOfMs("$10")}
        WHERE r.ignition IS NOT NULL),
      known AS (SELECT vehicle_id, range_agg(tstzrange(ts, until)) AS times,
          coalesce(range_agg(tstzrange(ts, until)) FILTER (WHERE ignition), '{}') AS running
        FROM ignitions WHERE until > ts GROUP BY vehicle_id)
      SELECT a.nth, coalesce((SELECT sum(extract(epoch FROM upper(i) - lower(i))) FROM unnest(k.running * (a.times - coalesce(d.times, '{}'))) i), 0)::float8 * 1000 AS ms
      FROM asked a JOIN known k ON k.vehicle_id = a.vehicle_id AND k.times && a.times LEFT JOIN driven d ON d.vehicle_id = a.vehicle_id`,
    values: [
      [...new Set(spans.map(({ vehicleId }) => vehicleId))],
      spans.map(({ nth }) => nth),
      spans.map(({ vehicleId }) => vehicleId),
      spans.map(({ from }) => from),
      spans.map(({ to }) => to),
      driven.map(({ vehicleId }) => vehicleId),
      driven.map(({ from }) => from),
      driven.map(({ to }) => to),
      spans.reduce((first, { from }) => Math.min(first, from), Number.POSITIVE_INFINITY),
      spans.reduce((last, { to }) => Math.max(last, to), Number.NEGATIVE_INFINITY),
    ],
  });
  const found = new Map(rows.map(({ nth, ms }) => [nth, ms]));
  return asked.map((_, nth) => found.get(nth) ?? null);
}

/** What the level of the tank has fallen by, as a share of it, by vehicle; none where it is not known. */
export async function loadFuelUse(
  db: Reader,
  vehicleIds: readonly number[],
  { from, to }: { from: Date; to: Date },
): Promise<Map<number, number>> {
  const { rows } = await db.query<{ vehicleId: number; used: number }>({
    name: "api_fuel_use",
    text: `WITH ${ABOARD},
      levels AS (SELECT a.vehicle_id, r.fuel, lag(r.fuel) OVER (PARTITION BY a.vehicle_id ORDER BY r.ts) AS before
        FROM aboard a JOIN vehicle_readings r ON ${OF_ABOARD} AND r.ts >= $2 AND r.ts < $3 WHERE r.fuel IS NOT NULL)
      SELECT vehicle_id AS "vehicleId", coalesce(greatest(sum(before - fuel) FILTER (WHERE fuel - before < ${SWAY}), 0), 0) AS used
      FROM levels GROUP BY vehicle_id`,
    values: [vehicleIds, from, to],
  });
  return new Map(rows.map(({ vehicleId, used }) => [vehicleId, used]));
}
