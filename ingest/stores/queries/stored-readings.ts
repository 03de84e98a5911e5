import type { Pool, PoolClient } from "pg";
import { READING_KINDS, type ReadingKind } from "../../domain/reading-kinds.ts";
import type { Reading, ContentByKind } from "../../pipeline/reading.ts";
import type { Sample } from "../../signals/signal-rule.ts";
import { msOfTime, timeOfMs } from "../sql-time.ts";

/** A reading as a store returns it, with what the rules and a row of vehicle_positions need. */
export type StoredReading = Pick<Reading, "deviceId" | "kind" | "ts" | "seq" | "receivedAt" | "content">;

/** One device's readings of one kind; for RFID those of one tag (`epc` is '' otherwise). */
export interface StoredSignal {
  deviceId: string;
  kind: Exclude<ReadingKind, "status">;
  epc: string;
}

/** Stored readings in the order of measurement, from Postgres or InfluxDB. */
export interface StoredReadings {
  /** readings after `after` (null: from the first), at most `limit` */
  read(client: Pool | PoolClient, signal: StoredSignal, after: Sample | null, limit: number): Promise<StoredReading[]>;
  /** the number of readings after `after` up to and including `through` */
  count(client: Pool | PoolClient, signal: StoredSignal, after: Sample | null, through: Sample): Promise<number>;
}

/** Before every reading: the first day of Postgres is in 4713 BC. */
const BEFORE_ALL: Sample = { ts: -200_000_000_000_000, seq: -2, antenna: -1 };

/** Readings whose content is in Postgres. */
export const readingsInPostgres: StoredReadings = {
  async read(client, signal, after, limit) {
    const { kind, deviceId } = signal;
    const { table, columnNames } = READING_KINDS[kind];
    const { rows } = await client.query<{ ts: number; seq: number; receivedAt: number }>({
      name: `stored_${kind}`,
      text: `SELECT ${msOfTime("ts")} AS ts, seq, ${msOfTime("received_at")} AS "receivedAt",
          ${columnNames.join(", ")} FROM ${table} WHERE ${sqlAfter(kind)} ORDER BY ts, seq${kind === "rfid" ? ", antenna" : ""} LIMIT $6`,
      values: [...paramsAfter(signal, after), limit],
    });
    return rows.map(({ ts, seq, receivedAt, ...values }) =>
      readingFromColumns({ deviceId, kind, ts, seq, receivedAt }, values),
    );
  },
  count: (client, signal, after, through) => countIn(client, READING_KINDS[signal.kind].table, signal, after, through),
};

/** Counts the readings of a signal in a table of readings or of identities. */
export async function countIn(
  client: Pool | PoolClient,
  table: string,
  signal: StoredSignal,
  after: Sample | null,
  through: Sample,
): Promise<number> {
  const { rows } = await client.query<{ count: number }>({
    name: `count_${table}_${signal.kind}`,
    text: `SELECT count(*) FROM ${table} WHERE ${sqlAfter(signal.kind)}${table === "reading_ids" ? ` AND kind = '${signal.kind}'` : ""}
      AND ts <= ${timeOfMs("$6")} AND (${orderColumns(signal.kind)}) <= (${timeOfMs("$6")}, $7::bigint, $8::int)`,
    values: [...paramsAfter(signal, after), through.ts, through.seq, through.antenna ?? 0],
  });
  return rows[0]!.count;
}

/** SQL: the EPC that belongs to the name of a signal; '' for kinds other than RFID. */
export function epcColumn(kind: StoredSignal["kind"]): string {
  return kind === "rfid" ? "epc" : "''";
}

/** The columns of the order of measurement, as in `compareSamples` (signals/signal-rule.ts). */
function orderColumns(kind: StoredSignal["kind"]): string {
  return `ts, seq, ${kind === "rfid" ? "antenna" : "0"}`;
}

/** The SQL condition for rows of a signal after a reading; its parameters $1 to $5 are `paramsAfter`. */
export function sqlAfter(kind: StoredSignal["kind"]): string {
  const start = timeOfMs("$3");
  // The plain comparison of ts lets Postgres skip partitions.
  return `device_id = $1 AND ${epcColumn(kind)} = $2 AND ts >= ${start} AND (${orderColumns(kind)}) > (${start}, $4::bigint, $5::int)`;
}

export function paramsAfter({ deviceId, epc }: StoredSignal, after: Sample | null): unknown[] {
  const { ts, seq, antenna = 0 } = after ?? BEFORE_ALL;
  return [deviceId, epc, ts, seq, antenna];
}

/** Makes a reading of its columns. A column without a value was not in the message. */
export function readingFromColumns(
  { deviceId, kind, ts, seq, receivedAt }: Omit<StoredReading, "content">,
  columns: Readonly<Record<string, unknown>>,
): StoredReading {
  const content: Record<string, unknown> = { ts, ...(seq >= 0 && { seq }) };
  for (const [name, value] of Object.entries(columns)) {
    if (value !== null && value !== undefined) content[name] = value;
  }
  // The columns were written from a validated reading of this kind.
  return { deviceId, kind, ts, seq, receivedAt, content: content as unknown as ContentByKind[StoredReading["kind"]] };
}
