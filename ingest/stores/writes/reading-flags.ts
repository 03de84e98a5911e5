import { booleans, float8s, int8s, texts } from "../encoding/binary-array.ts";
import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** Quality of a reading, whether it was late, and whether its date was corrected; `ts` in epoch milliseconds. */
export interface ReadingFlagRow {
  deviceId: string;
  ts: number;
  seq: number;
  kind: string;
  quality: string;
  late: boolean;
  timeCorrected?: boolean;
}

/** Flags readings that are not plainly good. A reading that turns out to be good keeps its row, with quality `ok`. */
export function writeReadingFlags(rows: readonly ReadingFlagRow[]): Write {
  return {
    name: "flags",
    sql: `INSERT INTO reading_flags AS f (device_id, ts, seq, kind, quality, late, time_corrected)
      SELECT d, ${timeOfMs("ts")}, seq, kind, quality, late, corrected
      FROM unnest($1::text[], $2::float8[], $3::bigint[], $4::text[], $5::text[], $6::boolean[], $7::boolean[])
        AS t (d, ts, seq, kind, quality, late, corrected)
      ORDER BY d, ts, seq, kind
      ON CONFLICT (device_id, ts, seq, kind) DO UPDATE SET quality = excluded.quality, late = f.late OR excluded.late,
        time_corrected = f.time_corrected OR excluded.time_corrected`,
    params: [
      texts(rows, (row) => row.deviceId),
      float8s(rows, (row) => row.ts),
      int8s(rows, (row) => row.seq),
      texts(rows, (row) => row.kind),
      texts(rows, (row) => row.quality),
      booleans(rows, (row) => row.late),
      booleans(rows, (row) => row.timeCorrected === true),
    ],
  };
}
