import { timeOfMs } from "../../http/sql-time.ts";
import type { SeriesQuery } from "./series.ts";

/**
 * The WHERE clause. $1 device, $2 from, $3 to, $4 and $5 after (ts, seq): epoch milliseconds or null.
 * @param key further columns that identify a reading, with their parameters in `keyAfter`
 */
export const readingRange = (key = "", keyAfter = ""): string => `device_id = $1
  AND ($2::float8 IS NULL OR ts >= ${timeOfMs("$2")}) AND ($3::float8 IS NULL OR ts < ${timeOfMs("$3")})
  AND ($4::float8 IS NULL OR (ts, seq${key}) > (${timeOfMs("$4")}, $5::bigint${keyAfter}))`;

export const rangeOf = ({ deviceId, from, to, after }: Omit<SeriesQuery, "kind" | "limit">): unknown[] => [
  deviceId,
  from,
  to,
  after?.ts ?? null,
  after?.seq ?? null,
];
