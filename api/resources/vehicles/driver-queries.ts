import { groupBy } from "../../../ingest/domain/group-by.ts";
import type { Span } from "../../../ingest/domain/spans.ts";
import {
  type Driver,
  driverTimes,
  type PlannedDriver,
  SIGNED_ON_MS,
  type SignOn,
} from "../../../ingest/domain/vehicle/driver-times.ts";
import type { Reader } from "../../auth/limits.ts";
import { msOfTime } from "../../http/sql-time.ts";
import { MAX_TRIP_DAYS } from "../trips/schema.ts";
import { SIGNED_ON_AT } from "./devices-aboard.ts";

/** SQL: who signed on longer ago is not known to drive. */
export const SIGNED_ON_FOR = `${SIGNED_ON_MS / 3_600_000} hours`;

/** When each driver had each of these vehicles, by the vehicle and the key of the driver; together they are the whole period. */
export async function loadDriverTimes(
  db: Reader,
  vehicleIds: readonly number[],
  { from, to }: { from: Date; to: Date },
): Promise<Map<number, Map<string, { driver: Driver; times: Span[] }>>> {
  const { rows: signOns } = await db.query<SignOn & { vehicleId: number }>({
    name: "api_sign_ons",
    text: `SELECT v.id AS "vehicleId", ${msOfTime("f.at")} AS at, ${SIGNED_ON_AT} AS since, w.id AS "driverId",
        coalesce(w.name, card_name(f.data ->> 'token')) AS "driverName"
      FROM unnest($1::int[]) AS v (id) JOIN facts f ON f.subject = 'vehicle:' || v.id AND f.at > $2::timestamptz - interval '${SIGNED_ON_FOR}' AND f.at < $3
        AND f.type = 'driver_signed_on' AND f.withdrawn_at IS NULL LEFT JOIN drivers w ON w.token = f.data ->> 'token'
      ORDER BY f.at, f.id`,
    values: [vehicleIds, from, to],
  });
  const { rows: planned } = await db.query<PlannedDriver & { vehicleId: number }>({
    name: "api_planned_drivers",
    text: `SELECT t.vehicle_id AS "vehicleId", ${msOfTime("t.starts_at")} AS "from", ${msOfTime("t.ends_at")} AS "to", t.driver_id AS "driverId",
        coalesce(w.name, t.driver_name) AS "driverName"
      FROM trips t LEFT JOIN drivers w ON w.id = t.driver_id
      WHERE t.vehicle_id = ANY($1::int[]) AND t.cancelled_at IS NULL AND t.starts_at < $3
        AND t.starts_at > $2::timestamptz - interval '${MAX_TRIP_DAYS} days' AND t.ends_at > $2`,
    values: [vehicleIds, from, to],
  });
  const signOnsOf = groupBy(signOns, ({ vehicleId }) => vehicleId);
  const plannedOf = groupBy(planned, ({ vehicleId }) => vehicleId);
  const period = { from: from.getTime(), to: to.getTime() };
  return new Map(vehicleIds.map((id) => [id, driverTimes(period, signOnsOf.get(id) ?? [], plannedOf.get(id) ?? [])]));
}
