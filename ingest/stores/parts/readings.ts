import type { SeriesKind } from "../../../broker/contract/readings.ts";
import { SERIES_COLUMNS } from "../../../broker/contract/readings.ts";
import type { Arrival, ArrivalKind } from "../../arrival.ts";
import { booleans, float8s, int4s, int8s, texts } from "../binary-array.ts";
import type { Part } from "../statement.ts";

const ARRAYS = { float8: float8s, bigint: int8s, int: int4s, text: texts, boolean: booleans };
type ColumnType = keyof typeof ARRAYS;

/** A reading's own columns beside those all kinds have, with their Postgres types. */
const COLUMNS: { [K in ArrivalKind]: { table: string; columns: Record<string, ColumnType> } } = {
  gps: { table: "gps_readings", columns: numbers("gps") },
  scale: { table: "scale_readings", columns: { ...numbers("scale"), stable: "boolean" } },
  env: { table: "env_readings", columns: numbers("env") },
  rfid: { table: "rfid_reads", columns: { epc: "text", antenna: "int", rssi: "float8", count: "int" } },
  scan: {
    table: "scans",
    columns: { code: "text", symbology: "text", action: "text", quantity: "bigint", location_id: "int" },
  },
  status: { table: "status_reports", columns: { state: "text", session: "text" } },
};

/** What a column holds when the reading does not say: only columns of an identity need anything. */
const DEFAULTS: Record<string, unknown> = { antenna: 0 };

function numbers(kind: SeriesKind): Record<string, ColumnType> {
  return Object.fromEntries(SERIES_COLUMNS[kind].map((name) => [name, "float8" as const]));
}

/** Stores new readings of one kind in its day partitions. They must be known to be new (stores/identities.ts). */
export function writeReadings(kind: ArrivalKind, readings: readonly Arrival[]): Part {
  const { table, columns } = COLUMNS[kind];
  const own = Object.entries(columns);
  const names = own.map(([name]) => name);
  const own$ = own.map(([, type], index) => `$${index + 6}::${type}[]`);
  return {
    name: `new_${kind}`,
    sql: `INSERT INTO ${table} (device_id, ts, seq, received_at, content_hash, ${names.join(", ")})
      SELECT d, to_timestamp(ts / 1000), seq, to_timestamp(r / 1000), h, ${names.join(", ")}
      FROM unnest($1::text[], $2::float8[], $3::bigint[], $4::float8[], $5::int[], ${own$.join(", ")})
        AS t (d, ts, seq, r, h, ${names.join(", ")})`,
    params: [
      texts(readings, (reading) => reading.deviceId),
      float8s(readings, (reading) => reading.ts),
      int8s(readings, (reading) => reading.seq),
      float8s(readings, (reading) => reading.receivedAt),
      int4s(readings, (reading) => reading.contentHash),
      ...own.map(([name, type]) => arrayOf(readings, name, type)),
    ],
  };
}

function arrayOf(readings: readonly Arrival[], name: string, type: ColumnType): Buffer {
  const absent = DEFAULTS[name];
  const valueOf = ({ content }: Arrival) => (content as unknown as Record<string, unknown>)[name] ?? absent;
  // That a column's values have its type is what the readings' schemas made sure of.
  return (ARRAYS[type] as (rows: readonly Arrival[], of: (row: Arrival) => unknown) => Buffer)(readings, valueOf);
}

/** Remembers which readings exist when their content is kept in InfluxDB. */
export function writeIdentities(readings: readonly Arrival[]): Part {
  return {
    name: "new_ids",
    sql: `INSERT INTO reading_ids (device_id, ts, seq, kind, content_hash)
      SELECT d, to_timestamp(ts / 1000), seq, kind, h
      FROM unnest($1::text[], $2::float8[], $3::bigint[], $4::text[], $5::int[]) AS t (d, ts, seq, kind, h)`,
    params: [
      texts(readings, (reading) => reading.deviceId),
      float8s(readings, (reading) => reading.ts),
      int8s(readings, (reading) => reading.seq),
      texts(readings, (reading) => reading.kind),
      int4s(readings, (reading) => reading.contentHash),
    ],
  };
}

export interface FlagRow {
  deviceId: string;
  ts: number;
  seq: number;
  kind: string;
  quality: string;
  late: boolean;
}

/** What is to be known of readings that are not plainly good. A reading that turns out well after all keeps a row saying so. */
export function writeFlags(rows: readonly FlagRow[]): Part {
  return {
    name: "flags",
    sql: `INSERT INTO reading_flags AS f (device_id, ts, seq, kind, quality, late)
      SELECT d, to_timestamp(ts / 1000), seq, kind, quality, late
      FROM unnest($1::text[], $2::float8[], $3::bigint[], $4::text[], $5::text[], $6::boolean[]) AS t (d, ts, seq, kind, quality, late)
      ORDER BY d, ts, seq, kind
      ON CONFLICT (device_id, ts, seq, kind) DO UPDATE SET quality = excluded.quality, late = f.late OR excluded.late`,
    params: [
      texts(rows, (row) => row.deviceId),
      float8s(rows, (row) => row.ts),
      int8s(rows, (row) => row.seq),
      texts(rows, (row) => row.kind),
      texts(rows, (row) => row.quality),
      booleans(rows, (row) => row.late),
    ],
  };
}
