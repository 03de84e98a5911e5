import type { Reading, ReadingKind } from "../../pipeline/reading.ts";
import {
  BigintColumn,
  booleans,
  Float8Column,
  float8s,
  IntColumn,
  int4s,
  int8s,
  TextColumn,
  texts,
  TimeColumn,
  times,
} from "../encoding/binary-array.ts";
import type { Write } from "../statement.ts";

type ColumnType = "float8" | "bigint" | "int" | "text" | "boolean";

/** How readings of a kind are stored: the columns beside those that all kinds have, and their values as arrays. */
interface ReadingsTable<K extends ReadingKind> {
  table: string;
  columns: Readonly<Record<string, ColumnType>>;
  /** in the order of `columns` */
  arraysOf: (readings: readonly Reading<K>[]) => Buffer[];
}

const TABLES: { [K in ReadingKind]: ReadingsTable<K> } = {
  gps: {
    table: "gps_readings",
    columns: numbers("lat", "lon", "accuracy", "speed", "heading", "altitude", "satellites", "battery"),
    arraysOf: arraysOfFixes,
  },
  scale: {
    table: "scale_readings",
    columns: { grams: "float8", stable: "boolean" },
    arraysOf: (readings) => [
      float8s(readings, ({ content }) => content.grams),
      booleans(readings, ({ content }) => content.stable),
    ],
  },
  env: {
    table: "env_readings",
    columns: numbers("celsius", "humidity", "shock", "lux", "battery"),
    arraysOf: (readings) => [
      float8s(readings, ({ content }) => content.celsius),
      float8s(readings, ({ content }) => content.humidity),
      float8s(readings, ({ content }) => content.shock),
      float8s(readings, ({ content }) => content.lux),
      float8s(readings, ({ content }) => content.battery),
    ],
  },
  rfid: {
    table: "rfid_reads",
    columns: { epc: "text", antenna: "int", rssi: "float8", count: "int" },
    arraysOf: (readings) => [
      texts(readings, ({ content }) => content.epc),
      // Part of a read's identity: there is no NULL in it.
      int4s(readings, ({ content }) => content.antenna ?? 0),
      float8s(readings, ({ content }) => content.rssi),
      int4s(readings, ({ content }) => content.count),
    ],
  },
  scan: {
    table: "scans",
    columns: { code: "text", symbology: "text", action: "text", quantity: "bigint", location_id: "int" },
    arraysOf: (readings) => [
      texts(readings, ({ content }) => content.code),
      texts(readings, ({ content }) => content.symbology),
      texts(readings, ({ content }) => content.action),
      int8s(readings, ({ content }) => content.quantity),
      int4s(readings, ({ content }) => content.location_id),
    ],
  },
  status: {
    table: "status_reports",
    columns: { state: "text", session: "text" },
    arraysOf: (readings) => [
      texts(readings, ({ content }) => content.state),
      texts(readings, ({ content }) => content.session),
    ],
  },
};

function numbers(...names: string[]): Record<string, ColumnType> {
  return Object.fromEntries(names.map((name) => [name, "float8" as const]));
}

/** Fixes come by the thousand, so one loop fills all their columns. */
function arraysOfFixes(readings: readonly Reading<"gps">[]): Buffer[] {
  const column = () => new Float8Column(readings.length);
  const [lat, lon, accuracy, speed] = [column(), column(), column(), column()];
  const [heading, altitude, satellites, battery] = [column(), column(), column(), column()];
  for (const { content } of readings) {
    lat.add(content.lat);
    lon.add(content.lon);
    accuracy.add(content.accuracy);
    speed.add(content.speed);
    heading.add(content.heading);
    altitude.add(content.altitude);
    satellites.add(content.satellites);
    battery.add(content.battery);
  }
  return [lat, lon, accuracy, speed, heading, altitude, satellites, battery].map(({ bytes }) => bytes);
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
  const { table, columns, arraysOf }: ReadingsTable<K> = TABLES[kind];
  const names = Object.keys(columns).join(", ");
  const columnSql = Object.values(columns).map((type, index) => `unnest($${index + 6}::${type}[])`);
  return {
    name: `new_${kind}`,
    // unnest() in the select list: in FROM, Postgres would first build a table of every array, a fifth more work.
    sql: `INSERT INTO ${table} (device_id, ts, seq, received_at, content_hash, ${names})
      SELECT unnest($1::text[]), unnest($2::timestamptz[]), unnest($3::bigint[]), unnest($4::timestamptz[]), unnest($5::int[]),
        ${columnSql.join(", ")}`,
    params: [...commonArrays(readings), ...arraysOf(readings)],
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
