import type { Pool } from "pg";
import { isSeriesKind, READING_KINDS, type ReadingKind } from "../../../ingest/domain/reading-kinds.ts";
import { rangeOf, readingRange } from "./reading-range.ts";
import { seriesRow } from "./series-postgres.ts";
import type { SeriesQuery, SeriesReader, SeriesRow } from "./series.ts";
import { msOfTime, timeOfMs } from "../../http/sql-time.ts";

/** A reading with its quality, as ingest judged it. */
export interface FlaggedRow extends SeriesRow {
  quality: string;
  late: boolean;
}

export interface ReadingsQuery extends Omit<SeriesQuery, "kind" | "after"> {
  kind: ReadingKind;
  after: { ts: number; seq: number; epc?: string; antenna?: number } | null;
}

/** Reads readings of one kind with their flags, oldest first. */
export async function readReadings(pool: Pool, series: SeriesReader, query: ReadingsQuery): Promise<FlaggedRow[]> {
  const { kind } = query;
  const rows = isSeriesKind(kind) ? await series.readings({ ...query, kind }) : await readEvents(pool, query);
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return [];
  const flags = await readFlags(pool, query.deviceId, kind, first.ts, last.ts);
  return rows.map((row) => ({ ...row, ...(flags.get(`${row.ts} ${row.seq}`) ?? { quality: "ok", late: false }) }));
}

async function readEvents(pool: Pool, query: ReadingsQuery): Promise<SeriesRow[]> {
  const { table, columnNames } = READING_KINDS[query.kind];
  // A gate may read many tags in one millisecond, so EPC and antenna belong to the key.
  const key = query.kind === "rfid" ? `, epc COLLATE "C", antenna` : "";
  const keyAfter = query.kind === "rfid" ? ", $7::text, $8::int" : "";
  const { rows } = await pool.query<{ ts: number; seq: number; received_at: number } & SeriesRow["values"]>(
    `SELECT ${msOfTime("ts")} AS ts, seq, ${msOfTime("received_at")} AS received_at, ${columnNames.join(", ")} FROM ${table}
    WHERE ${readingRange(key, keyAfter)} ORDER BY ts, seq${key} LIMIT $6`,
    [
      ...rangeOf(query),
      query.limit,
      ...(query.kind === "rfid" ? [query.after?.epc ?? "", query.after?.antenna ?? -1] : []),
    ],
  );
  return rows.map((row) => seriesRow(row, columnNames));
}

async function readFlags(
  pool: Pool,
  deviceId: string,
  kind: ReadingKind,
  fromTs: number,
  throughTs: number,
): Promise<Map<string, { quality: string; late: boolean }>> {
  const { rows } = await pool.query<{ ts: number; seq: number; quality: string; late: boolean }>(
    // A reading whose date had to be corrected is approximate, however good its other values are.
    `SELECT ${msOfTime("ts")} AS ts, seq, CASE WHEN quality = 'ok' AND time_corrected THEN 'approx' ELSE quality END AS quality, late
    FROM reading_flags
    WHERE device_id = $1 AND kind = $2 AND ts >= ${timeOfMs("$3")} AND ts <= ${timeOfMs("$4")}`,
    [deviceId, kind, fromTs, throughTs],
  );
  return new Map(rows.map(({ ts, seq, quality, late }) => [`${ts} ${seq}`, { quality, late }]));
}

/** Qualities of fixes that do not show where the vehicle was. */
const OFF_TRACK = ["outlier", "nofix", "future"];

/** Reads which fixes of a device, in this time, do not show where it was, as `{ts} {seq}`. */
export async function readOffTrack(
  pool: Pool,
  deviceId: string,
  fromTs: number,
  throughTs: number,
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ ts: number; seq: number }>(
    `SELECT ${msOfTime("ts")} AS ts, seq FROM reading_flags
    WHERE device_id = $1 AND kind = 'gps' AND ts >= ${timeOfMs("$2")} AND ts <= ${timeOfMs("$3")} AND quality = ANY($4)`,
    [deviceId, fromTs, throughTs, OFF_TRACK],
  );
  return new Set(rows.map(({ ts, seq }) => `${ts} ${seq}`));
}
