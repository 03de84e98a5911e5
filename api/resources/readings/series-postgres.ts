import type { Pool } from "pg";
import { READING_KINDS, type ReadingKind } from "../../../ingest/domain/reading-kinds.ts";
import { readFixes } from "./fixes-postgres.ts";
import { rangeOf, readingRange } from "./reading-range.ts";
import { type HourRow, type SeriesQuery, type SeriesReader, type SeriesRow } from "./series.ts";
import { msOfTime } from "../../http/sql-time.ts";

/**
 * The mean of a column, with values cut at ±1e300. Postgres' avg() fails with an overflow on extreme values (it also sums
 * squares), and one absurd reading would make its whole hour unreadable.
 */
const mean = (column: string): string =>
  `sum(CASE WHEN abs(${column}) > 1e300 THEN sign(${column}) * 1e300 ELSE ${column} END) / count(${column})`;

/** Time series in day partitions of Postgres, for installations without InfluxDB. */
export function openPostgresSeries(pool: Pool): SeriesReader {
  return {
    name: "postgres",

    async readings(query) {
      const { table, columnNames } = READING_KINDS[query.kind];
      const { rows } = await pool.query<{ ts: number; seq: number; received_at: number } & SeriesRow["values"]>(
        `SELECT ${msOfTime("ts")} AS ts, seq, ${msOfTime("received_at")} AS received_at, ${columnNames.join(", ")} FROM ${table}
        WHERE ${readingRange()} ORDER BY ts, seq LIMIT $6`,
        [...rangeOf(query), query.limit],
      );
      return rows.map((row) => seriesRow(row, columnNames));
    },

    fixes: (query) => readFixes(pool, query),

    hours: (query) => readHours(pool, query),
  };
}

/** Hours of a kind whose readings Postgres holds. */
export async function readHours(
  pool: Pool,
  query: Omit<SeriesQuery, "kind"> & { kind: ReadingKind },
): Promise<HourRow[]> {
  const { table, summarised } = READING_KINDS[query.kind];
  const summaries = summarised.map(
    (name) =>
      `CASE WHEN count(${name}) > 0 THEN json_build_object('mean', ${mean(name)}, 'min', min(${name}), 'max', max(${name})) END AS ${name}`,
  );
  const { rows } = await pool.query<{ hour: number; count: number } & Record<string, unknown>>(
    `SELECT ${msOfTime("date_trunc('hour', ts)")} AS hour, count(*) AS count, ${summaries.join(", ")} FROM ${table}
    WHERE ${readingRange()} GROUP BY date_trunc('hour', ts) ORDER BY 1 LIMIT $6`,
    [...rangeOf(query), query.limit],
  );
  return rows.map(({ hour, count, ...values }) => ({
    hour,
    count,
    values: withoutNulls(values) as HourRow["values"],
  }));
}

/** Makes a reading of a row with these value columns. */
export function seriesRow(
  row: { ts: number; seq: number; received_at: number } & Record<string, unknown>,
  columns: readonly string[],
): SeriesRow {
  const values = Object.fromEntries(columns.map((name) => [name, row[name]]));
  return { ts: row.ts, seq: row.seq, receivedAt: row.received_at, values: withoutNulls(values) as SeriesRow["values"] };
}

function withoutNulls(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
