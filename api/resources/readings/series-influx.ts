import { isBooleanColumn, READING_KINDS } from "../../../ingest/domain/reading-kinds.ts";
import { Problem } from "../../http/problem.ts";
import { AFTER_ALL, BEFORE_ALL, type HourRow, type SeriesQuery, type SeriesReader } from "./series.ts";

/** Runs an InfluxQL query; times come as epoch milliseconds. */
export type InfluxQuery = (
  influxQl: string,
) => Promise<{ columns: string[]; values: (number | string | boolean | null)[][] }[]>;

const NS_PER_MS = 1_000_000n;
/** InfluxDB holds nanoseconds in 64 bits: 1677 to 2262. */
const MAX_MS = 9_223_372_036_854;

type InfluxRow = Record<string, number | string | boolean | null>;

/** Time series in InfluxDB, read by InfluxQL at `/query`, which 1.x, 2.x and 3 Core all support. */
export function openInfluxSeries(runQuery: InfluxQuery): SeriesReader {
  async function run(statement: string): ReturnType<InfluxQuery> {
    try {
      return await runQuery(statement);
    } catch (error) {
      const unavailable = new Problem(503, "the time series store is not available", {
        headers: { "Retry-After": "5" },
      });
      unavailable.cause = error;
      throw unavailable;
    }
  }

  async function query(statement: string): Promise<InfluxRow[]> {
    return (await run(statement)).flatMap(({ columns, values }) =>
      values.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null]))),
    );
  }

  return {
    name: "influxdb",

    async readings(wanted) {
      const { columnNames } = READING_KINDS[wanted.kind];
      const rows = await query(
        `SELECT ${[...columnNames, "received_at", "seq"].map(identifier).join(", ")} FROM "readings" WHERE ${rangeOf(wanted)} ORDER BY time ASC LIMIT ${wanted.limit}`,
      );
      return rows.map((row) => ({
        ts: Number(row.time),
        seq: row.seq === null ? -1 : Number(row.seq),
        receivedAt: Number(row.received_at),
        values: Object.fromEntries(
          columnNames.flatMap((name) => {
            const value = row[name];
            if (value === null || value === undefined) return [];
            return [[name, isBooleanColumn(wanted.kind, name) ? value === 1 : Number(value)]];
          }),
        ),
      }));
    },

    async fixes(wanted) {
      const range = rangeOf({ ...wanted, kind: "gps" });
      const series = await run(
        `SELECT "lat", "lon", "speed", "seq" FROM "readings" WHERE ${range} ORDER BY time ASC LIMIT ${wanted.limit}`,
      );
      const rows = series.flatMap(({ values }) => values as (number | null)[][]);
      const column = (at: number, absent: number) => Float64Array.from(rows, (row) => row[at] ?? absent);
      // In the order of the SELECT, after the time.
      return {
        ts: column(0, Number.NaN),
        lat: column(1, Number.NaN),
        lon: column(2, Number.NaN),
        speed: column(3, Number.NaN),
        seq: column(4, -1),
      };
    },

    async hours(wanted) {
      const { summarised } = READING_KINDS[wanted.kind];
      const summaries = summarised.flatMap((name) =>
        (["mean", "min", "max"] as const).map((of) => `${of}(${identifier(name)}) AS "${of}_${name}"`),
      );
      const rows = await query(
        `SELECT count("received_at") AS "count", ${summaries.join(", ")} FROM "readings" WHERE ${rangeOf(wanted)} GROUP BY time(1h) fill(none) ORDER BY time ASC LIMIT ${wanted.limit}`,
      );
      return rows.map((row) => ({
        hour: Number(row.time),
        count: Number(row.count),
        values: summariesOf(row, summarised),
      }));
    },
  };
}

function summariesOf(row: InfluxRow, columns: readonly string[]): HourRow["values"] {
  const summaries: HourRow["values"] = {};
  for (const name of columns) {
    const mean = row[`mean_${name}`];
    if (typeof mean !== "number") continue;
    summaries[name] = { mean, min: Number(row[`min_${name}`]), max: Number(row[`max_${name}`]) };
  }
  return summaries;
}

/** InfluxQL: identifiers in double quotes, strings in single quotes; both escape with a backslash. */
const identifier = (name: string): string => `"${name.replace(/["\\]/g, "\\$&")}"`;
const text = (value: string): string => `'${value.replace(/['\\]/g, "\\$&").replaceAll("\n", "\\n")}'`;

const ns = (ms: number): bigint => BigInt(Math.min(Math.max(Math.round(ms), 0), MAX_MS)) * NS_PER_MS;

/** The WHERE clause. A point's time in nanoseconds is its `ts` plus the device's counter modulo 1,000,000 (one millisecond). */
function rangeOf({ deviceId, kind, from, to, after }: SeriesQuery): string {
  const bounds = [`"device" = ${text(deviceId)}`, `"kind" = ${text(kind)}`];
  if (from !== null) bounds.push(`time >= ${ns(from)}`);
  bounds.push(`time < ${ns(to ?? MAX_MS)}`);
  if (after?.seq === BEFORE_ALL) bounds.push(`time >= ${ns(after.ts)}`);
  else if (after?.seq === AFTER_ALL) bounds.push(`time >= ${ns(after.ts + 1)}`);
  else if (after) bounds.push(`time > ${ns(after.ts) + (BigInt(Math.max(after.seq, 0)) % NS_PER_MS)}`);
  return bounds.join(" AND ");
}
