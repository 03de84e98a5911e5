import { type ColumnType, type ColumnValue, READING_KINDS, type ReadingKind } from "../../domain/reading-kinds.ts";
import type { Reading } from "../../pipeline/reading.ts";
import {
  BigintColumn,
  BooleanColumn,
  Float8Column,
  IntColumn,
  int4s,
  int8s,
  TextColumn,
  texts,
  TimeColumn,
  times,
} from "../encoding/binary-array.ts";
import type { Write } from "../statement.ts";

const COLUMNS = {
  float8: Float8Column,
  bigint: BigintColumn,
  int: IntColumn,
  text: TextColumn,
  boolean: BooleanColumn,
} satisfies Record<ColumnType, unknown>;

interface Column {
  add(value: ColumnValue): void;
  readonly bytes: Buffer;
}

/** The columns of one kind. Readings come by the thousand, so one loop fills all columns. */
function arraysOfKind(kind: ReadingKind, readings: readonly Reading[]): Buffer[] {
  const { columns, values } = READING_KINDS[kind];
  const arrays = Object.values<ColumnType>(columns).map((type) => new COLUMNS[type](readings.length) as Column);
  for (const { content } of readings) {
    const row = values(content);
    for (let index = 0; index < arrays.length; index += 1) arrays[index]!.add(row[index]);
  }
  return arrays.map(({ bytes }) => bytes);
}

/** The columns of all kinds: device, time of measurement, counter, time of receipt, content hash. */
function commonArrays(readings: readonly Reading[]): Buffer[] {
  const deviceId = new TextColumn(readings.length);
  const ts = new TimeColumn(readings.length);
  const seq = new BigintColumn(readings.length);
  const receivedAt = new TimeColumn(readings.length);
  const hash = new IntColumn(readings.length);
  for (const reading of readings) {
    deviceId.add(reading.deviceId);
    ts.add(reading.ts);
    seq.add(reading.seq);
    receivedAt.add(reading.receivedAt);
    hash.add(reading.contentHash);
  }
  return [deviceId, ts, seq, receivedAt, hash].map(({ bytes }) => bytes);
}

/** Stores new readings of one kind. The caller has excluded duplicates (caches/identities.ts). */
export function writeReadings<K extends ReadingKind>(kind: K, readings: readonly Reading<K>[]): Write {
  const { table, columns, columnNames } = READING_KINDS[kind];
  const columnSql = Object.values(columns).map((type, index) => `unnest($${index + 6}::${type}[])`);
  return {
    name: `new_${kind}`,
    // unnest() in the select list: in FROM, Postgres would first build a table of every array, a fifth more work.
    sql: `INSERT INTO ${table} (device_id, ts, seq, received_at, content_hash, ${columnNames.join(", ")})
      SELECT unnest($1::text[]), unnest($2::timestamptz[]), unnest($3::bigint[]), unnest($4::timestamptz[]), unnest($5::int[]),
        ${columnSql.join(", ")}`,
    params: [...commonArrays(readings), ...arraysOfKind(kind, readings)],
  };
}

/** Stores the identities of readings whose content goes to InfluxDB. */
export function writeReadingIds(readings: readonly Reading[]): Write {
  return {
    name: "new_ids",
    sql: `INSERT INTO reading_ids (device_id, ts, seq, kind, content_hash)
      SELECT unnest($1::text[]), unnest($2::timestamptz[]), unnest($3::bigint[]), unnest($4::text[]), unnest($5::int[])`,
    params: [
      texts(readings, (reading) => reading.deviceId),
      times(readings, (reading) => reading.ts),
      int8s(readings, (reading) => reading.seq),
      texts(readings, (reading) => reading.kind),
      int4s(readings, (reading) => reading.contentHash),
    ],
  };
}
