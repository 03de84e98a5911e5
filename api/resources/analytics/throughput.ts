import { z } from "@hono/zod-openapi";
import { STAGES, type Stage } from "../../../ingest/domain/fact.ts";
import type { Reader } from "../../auth/limits.ts";
import { id, timestamp } from "../../http/fields.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { decodeCursor, type Page, pageOf } from "../../http/paging.ts";
import { filters, type Period, periodFilter, periodOf, type Report, sumsAsOf, whereWithin } from "./report.ts";

const DAYS = 7;

const row = z
  .object({
    at: timestamp.describe("begin of the hour or day, UTC"),
    interval_hours: z.number().int().describe("1, or 24"),
    stage: z.enum(STAGES),
    location_id: id.nullable().describe("null: on the road, or nobody knows"),
    location_name: z.string().nullable(),
    shipments_in: z.number().int().describe("that came, or were made there"),
    units_in: z.number(),
    shipments_out: z.number().int().describe("that left, were delivered or were cancelled"),
    units_out: z.number(),
    as_of: timestamp.describe("what was committed before then is counted"),
  })
  .openapi("ThroughputRow");

const query = z.strictObject({
  ...filters,
  interval: z.enum(["hour", "day"]).default("day"),
  ...periodFilter("whole hours (UTC)", DAYS),
});

interface Sum {
  at: Date;
  stage: Stage;
  place: number;
  name: string | null;
  shipments_in: number;
  units_in: number;
  shipments_out: number;
  units_out: number;
}

/** The first stretch of time that is read for a page; each one after it is twice as long. */
const FIRST_INTERVALS = 1;

/** Sums of some time, in order. */
async function readSums(
  db: Reader,
  { interval, stage, location_id: locationId }: z.output<typeof query>,
  { from, to }: Period,
  after: readonly [string, string, number] | undefined,
): Promise<Sum[]> {
  const conditions = new Conditions()
    .where("p.hour >= hour_of(?::timestamptz)", from)
    .where("p.hour < ?::timestamptz", to)
    .where("p.stage = ?", stage);
  whereWithin(conditions, "p.location_id", locationId);
  const at = `date_trunc('${interval}', p.hour, 'UTC')`;
  const where = conditions.sql;
  const behind =
    after === undefined
      ? ""
      : `HAVING (${at}, p.stage, p.location_id) > (${after.map((key) => conditions.parameter(key)).join(", ")})`;
  const sum = (column: string): string => `sum(p.${column})::float8 AS ${column}`;
  const { rows } = await db.query<Sum>(
    `SELECT ${at} AS at, p.stage, p.location_id AS place, l.name,
      ${["shipments_in", "units_in", "shipments_out", "units_out"].map(sum).join(", ")}
    FROM place_hours p LEFT JOIN locations l ON l.id = p.location_id ${where}
    GROUP BY 1, 2, 3, 4 ${behind} ORDER BY 1, 2, 3`,
    conditions.values,
  );
  return rows;
}

/** The first hour with sums at or after a time. */
async function firstHour(
  db: Reader,
  { stage, location_id: locationId }: z.output<typeof query>,
  { from, to }: Period,
): Promise<Date | undefined> {
  const conditions = new Conditions()
    .where("p.hour >= hour_of(?::timestamptz)", from)
    .where("p.hour < ?::timestamptz", to)
    .where("p.stage = ?", stage);
  whereWithin(conditions, "p.location_id", locationId);
  const { rows } = await db.query<{ hour: Date }>(
    `SELECT p.hour FROM place_hours p ${conditions.sql} ORDER BY p.hour LIMIT 1`,
    conditions.values,
  );
  return rows[0]?.hour;
}

const HOUR_MS = 3_600_000;
const INTERVAL_MS = { hour: HOUR_MS, day: 24 * HOUR_MS };

/** Reads a stretch of time, then longer ones, until the page is full: a year of a thousand places is never summed for one page. */
async function page(
  db: Reader,
  asked: z.output<typeof query>,
  cursor: string | undefined,
  limit: number,
): Promise<Page<z.output<typeof row>>> {
  const period = periodOf(asked, DAYS);
  const intervalMs = INTERVAL_MS[asked.interval];
  const after = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.string(), z.number().int()]));
  const asOf = await sumsAsOf(db, "place_hours_due");
  const sums: Sum[] = [];
  let from = after === undefined ? period.from : new Date(Math.max(period.from.getTime(), Date.parse(after[0])));
  for (let intervals = FIRST_INTERVALS; sums.length <= limit; intervals *= 2) {
    const begin = await firstHour(db, asked, { from, to: period.to });
    if (begin === undefined) break;
    const end = Math.floor(begin.getTime() / intervalMs + intervals) * intervalMs;
    const to = new Date(Math.min(end, period.to.getTime()));
    sums.push(...(await readSums(db, asked, { from: begin, to }, after)));
    if (to >= period.to) break;
    from = to;
  }
  const rows = sums.slice(0, limit + 1).map(({ place, name, at, stage, ...counts }) => ({
    at,
    interval_hours: intervalMs / HOUR_MS,
    stage,
    location_id: place === 0 ? null : place,
    location_name: name,
    ...counts,
    as_of: asOf,
  }));
  return pageOf(rows, limit, (last) => [last.at.toISOString(), last.stage, last.location_id ?? 0]);
}

export const throughput: Report<typeof query> = {
  kind: "throughput",
  question: "How much comes to each place and leaves it?",
  query,
  row,
  page,
};
