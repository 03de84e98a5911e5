import type { Reader } from "../../auth/limits.ts";
import { msOfTime } from "../../http/sql-time.ts";
import type { VehicleSpan } from "./engine-queries.ts";

/** Who has set out longer ago, and has told of no end since, is not heard any more. */
const LONGEST = "24 hours";

/** When these vehicles had set out on a drive that was not over at `to`: up to then. It is told of as a drive when it has ended. */
export async function loadDrivesUnderWay(db: Reader, vehicleIds: readonly number[], to: Date): Promise<VehicleSpan[]> {
  const { rows } = await db.query<VehicleSpan>({
    name: "api_drives_under_way",
    text: `SELECT v.id AS "vehicleId", ${msOfTime("s.at")} AS "from", ${msOfTime("$2::timestamptz")} AS "to"
      FROM unnest($1::int[]) AS v (id) JOIN LATERAL (SELECT f.at FROM facts f WHERE f.subject = 'vehicle:' || v.id
          AND f.at > $2::timestamptz - interval '${LONGEST}' AND f.at < $2 AND f.type = 'trip_started' AND f.withdrawn_at IS NULL
        ORDER BY f.at DESC, f.id DESC LIMIT 1) s ON true
      WHERE NOT EXISTS (SELECT FROM facts f WHERE f.subject = 'vehicle:' || v.id AND f.at > s.at AND f.at <= $2
        AND f.type = 'trip' AND f.withdrawn_at IS NULL)`,
    values: [vehicleIds, to],
  });
  return rows;
}
