import type { Pool } from "pg";
import { numbersOfArray } from "./binary-arrays.ts";
import { rangeOf, readingRange } from "./reading-range.ts";
import type { Fix, SeriesQuery } from "./series.ts";

const COLUMNS = ["ts", "seq", "lat", "lon", "speed"] as const;

/**
 * Reads positions as one row of five arrays in Postgres' binary form. As 8,640 rows of text a day of fixes took ten times
 * as long, most of it for the driver's objects.
 */
export async function readFixes(pool: Pool, query: Omit<SeriesQuery, "kind">): Promise<Fix[]> {
  const { rows } = await pool.query<Record<(typeof COLUMNS)[number], Buffer | null>>(
    `SELECT ${COLUMNS.map((name) => `array_send(array_agg(${name})) AS ${name}`).join(", ")}
    FROM (SELECT ${COLUMNS.join(", ")} FROM gps_readings WHERE ${readingRange()} ORDER BY ts, seq LIMIT $6) AS fixes`,
    [...rangeOf(query), query.limit],
  );
  const [ts, seq, lat, lon, speed] = COLUMNS.map((name) => numbersOfArray(rows[0]![name]));
  return ts!.map((time, at) => ({ ts: time!, seq: seq![at]!, lat: lat![at]!, lon: lon![at]!, speed: speed![at]! }));
}
