import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** An undecoded payload; `receivedAt` in epoch milliseconds, `source` is its place in the journal. */
export interface RawMessageRow {
  deviceId: string;
  receivedAt: number;
  source: string;
  topic: string;
  payload: Buffer;
}

/** Stores payloads in vendor formats before they are decoded. */
export function writeRawMessages(rows: readonly RawMessageRow[]): Write {
  return {
    name: "raw",
    sql: `INSERT INTO raw_messages (device_id, ts, source, topic, payload)
      SELECT d, ${timeOfMs("r")}, source, topic, payload
      FROM unnest($1::text[], $2::float8[], $3::text[], $4::text[], $5::bytea[]) AS t (d, r, source, topic, payload)
      ON CONFLICT DO NOTHING`,
    params: [
      rows.map((row) => row.deviceId),
      rows.map((row) => row.receivedAt),
      rows.map((row) => row.source),
      rows.map((row) => row.topic),
      rows.map((row) => row.payload),
    ],
  };
}
