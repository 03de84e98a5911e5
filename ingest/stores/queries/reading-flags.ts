import type { Pool, PoolClient } from "pg";
import type { ReadingFlagRow } from "../writes/reading-flags.ts";
import { msOfTime, timeOfMs } from "../sql-time.ts";

/** Flags of a device's readings of one kind, after `after` and up to `to` in the same way. */
export async function loadReadingFlags(
  client: Pool | PoolClient,
  deviceId: string,
  kind: string,
  after: number | null,
  to: number | null,
): Promise<ReadingFlagRow[]> {
  const { rows } = await client.query<ReadingFlagRow>({
    name: "load_flags",
    text: `SELECT device_id AS "deviceId", ${msOfTime("ts")} AS ts, seq, kind, quality, late, time_corrected AS "timeCorrected"
      FROM reading_flags WHERE device_id = $1 AND kind = $2
        AND ts > coalesce(${timeOfMs("$3")}, '-infinity') AND ts <= coalesce(${timeOfMs("$4")}, 'infinity')`,
    values: [deviceId, kind, after, to],
  });
  return rows;
}
