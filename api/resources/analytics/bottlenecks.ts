import { z } from "@hono/zod-openapi";
import {
  byExcess,
  hoursToClear,
  MIN_STAYS,
  type PlaceLoad,
  reasonOf,
  trendOf,
} from "../../../ingest/domain/analytics/bottleneck.ts";
import { STAGES, type Stage } from "../../../ingest/domain/fact.ts";
import type { Reader } from "../../auth/limits.ts";
import { dayOrInstant, id, timestamp } from "../../http/fields.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { decodeCursor, type Page, pageOf } from "../../http/paging.ts";
import {
  filters,
  hoursOf,
  itemFilter,
  nowOf,
  periodOf,
  type Report,
  rounded,
  roundedOrNull,
  whereWithin,
} from "./report.ts";

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 24;
/** A place's own past: so many stays that ended last before the window. And that of a stage. */
const PAST_OF_PLACE = 100;
const PAST_OF_STAGE = 1_000;
/** … but no longer ago than this before the window ends. */
const PAST_OF_STAGE_DAYS = 30;

const row = z
  .object({
    rank: z.number().int().describe("1: the worst"),
    stage: z.enum(STAGES),
    location_id: id,
    location_name: z.string().nullable(),
    reason: z.string().describe("why it stands there, in words"),
    excess_unit_hours: z
      .number()
      .describe(
        "by how much longer than usual goods waited in the window, times their units: the rank follows from it",
      ),
    shipments_waiting: z.number().int().describe("work in progress at the end of the window"),
    units_waiting: z.number(),
    longest_waiting_hours: z.number().nullable(),
    usual_p50_hours: z.number().nullable().describe(`median dwell; null: fewer than ${MIN_STAYS} stays have ended`),
    usual_p90_hours: z.number().nullable().describe("what nine in ten took at most; excess is what goes beyond"),
    usual_of: z
      .enum(["place", "stage"])
      .nullable()
      .describe("whose past that is: the place's own before the window, or that of its stage when it has none"),
    usual_stays: z.number().int().describe("dwells that it is known of"),
    arrivals_per_hour: z.number().describe("shipments"),
    throughput_per_hour: z.number().describe("shipments that left"),
    hours_to_clear: z.number().nullable().describe("what waits, at this pace; null: nothing leaves"),
    trend: z.enum(["growing", "shrinking", "steady"]).describe("of the queue in the second half of the window"),
    window_hours: z.number(),
    from: timestamp,
    as_of: timestamp,
  })
  .openapi("BottleneckRow");

const query = z.strictObject({
  ...filters,
  ...itemFilter,
  from: dayOrInstant.optional().describe(`${DEFAULT_HOURS} hours before \`to\` by default`),
  to: dayOrInstant.optional().describe("the state of then; now by default, and never later"),
});

/** The rank of the last row, and the now of the first page: the ranking of another time is another one. */
const pageCursor = z.tuple([z.number().int().min(0), z.iso.datetime()]);

interface Found {
  stage: Stage;
  place: number;
  name: string | null;
  shipments_waiting: number;
  units_waiting: number;
  longest: number | null;
  arrived: number;
  left: number;
  growth_before: number;
  growth: number;
  stays_here: number;
  usual_here: number | null;
  median_here: number | null;
  stays_in_stage: number;
  usual_in_stage: number | null;
  median_in_stage: number | null;
  excess: number | null;
}

const percentile = (share: number): string => `percentile_cont(${share}) WITHIN GROUP (ORDER BY hours)`;
const PAST = (
  where: string,
  limit: number,
): string => `SELECT count(*)::integer AS stays, ${percentile(0.9)} AS usual, ${percentile(0.5)} AS median FROM (
  SELECT ${hoursOf("to_at - from_at")} AS hours FROM shipment_stays k
  WHERE ${where} AND k.ended_by <> 'cancelled' ORDER BY k.to_at DESC LIMIT ${limit}) past`;

async function findLoads(
  db: Reader,
  { stage, location_id: locationId, item_id: itemId }: z.output<typeof query>,
  window: { from: Date; to: Date },
): Promise<Found[]> {
  const conditions = new Conditions()
    .where("k.location_id IS NOT NULL AND k.from_at < ?", window.to)
    .where("k.stage = ?", stage)
    .where("k.item_id = ?", itemId);
  whereWithin(conditions, "k.location_id", locationId);
  const [from, to] = [conditions.parameter(window.from), conditions.parameter(window.to)];
  const middle = `(${from}::timestamptz + (${to}::timestamptz - ${from}::timestamptz) / 2)`;
  const isWaiting = `(to_at IS NULL OR to_at >= ${to})`;
  const growth = (begin: string, end: string): string =>
    `(count(*) FILTER (WHERE from_at >= ${begin} AND from_at < ${end}) - count(*) FILTER (WHERE to_at >= ${begin} AND to_at < ${end}))::integer`;
  const { rows } = await db.query<Found>(
    `WITH present AS MATERIALIZED (
      SELECT k.stage, k.location_id AS place, k.units, k.from_at, k.to_at FROM shipment_stays k ${conditions.sql} AND k.to_at IS NULL
      UNION ALL
      SELECT k.stage, k.location_id, k.units, k.from_at, k.to_at FROM shipment_stays k ${conditions.sql}
        AND k.stage IN ('production', 'storage', 'transportation', 'delivery') AND k.to_at >= ${from}
    ), loads AS (
      SELECT stage, place, (count(*) FILTER (WHERE ${isWaiting}))::integer AS shipments_waiting,
        coalesce(sum(units) FILTER (WHERE ${isWaiting}), 0)::float8 AS units_waiting,
        max(${hoursOf(`${to}::timestamptz - from_at`)}) FILTER (WHERE ${isWaiting}) AS longest,
        (count(*) FILTER (WHERE from_at >= ${from}))::integer AS arrived, (count(*) FILTER (WHERE to_at < ${to}))::integer AS left,
        ${growth(from, middle)} AS growth_before, ${growth(middle, to)} AS growth
      FROM present GROUP BY stage, place
    ), stages AS MATERIALIZED (
      SELECT s.stage, p.* FROM (SELECT DISTINCT stage FROM loads) s
        CROSS JOIN LATERAL (${PAST(`k.stage = s.stage AND k.to_at < ${to} AND k.to_at >= ${to}::timestamptz - interval '${PAST_OF_STAGE_DAYS} days'`, PAST_OF_STAGE)}) p
    ), usual AS MATERIALIZED (
      SELECT w.*, p.stays AS stays_here, p.usual AS usual_here, p.median AS median_here,
        s.stays AS stays_in_stage, s.usual AS usual_in_stage, s.median AS median_in_stage,
        CASE WHEN p.stays >= ${MIN_STAYS} THEN p.usual WHEN s.stays >= ${MIN_STAYS} THEN s.usual END AS usual
      FROM loads w JOIN stages s ON s.stage = w.stage
        CROSS JOIN LATERAL (${PAST(`coalesce(k.location_id, 0) = w.place AND k.stage = w.stage AND k.to_at < ${from}`, PAST_OF_PLACE)}) p
    )
    SELECT u.*, l.name, (SELECT sum(p.units * greatest(0, ${hoursOf(
      `least(coalesce(p.to_at, ${to}), ${to}) - greatest(p.from_at + make_interval(secs => u.usual * 3600), ${from}::timestamptz)`,
    )})) FROM present p WHERE p.stage = u.stage AND p.place = u.place)::float8 AS excess
    FROM usual u LEFT JOIN locations l ON l.id = u.place`,
    conditions.values,
  );
  return rows;
}

async function page(
  db: Reader,
  asked: z.output<typeof query>,
  cursor: string | undefined,
  limit: number,
): Promise<Page<z.output<typeof row>>> {
  const after = decodeCursor(cursor, pageCursor);
  const now = nowOf(after?.[1]);
  const to = asked.to !== undefined && asked.to < now ? asked.to : now;
  const { from } = periodOf({ from: asked.from, to }, DEFAULT_HOURS / 24);
  const windowHours = (to.getTime() - from.getTime()) / HOUR_MS;
  const ranked = (await findLoads(db, asked, { from, to }))
    .map((found) => ({ found, load: loadOf(found, windowHours) }))
    .map(({ found, load }) => ({ ...load, stage: found.stage, locationId: found.place, found }))
    .sort(byExcess);
  const rows = ranked.map(({ found, ...load }, at) => ({
    rank: at + 1,
    stage: found.stage,
    location_id: found.place,
    location_name: found.name,
    reason: reasonOf(load),
    excess_unit_hours: rounded(load.excessUnitHours),
    shipments_waiting: load.shipmentsWaiting,
    units_waiting: load.unitsWaiting,
    longest_waiting_hours: roundedOrNull(load.longestWaitHours),
    usual_p50_hours: roundedOrNull(
      load.usualOf && (load.usualOf.of === "place" ? found.median_here : found.median_in_stage),
    ),
    usual_p90_hours: roundedOrNull(load.usualHours),
    usual_of: load.usualOf?.of ?? null,
    usual_stays: load.usualOf?.stays ?? 0,
    arrivals_per_hour: rounded(load.arrived / windowHours),
    throughput_per_hour: rounded(load.left / windowHours),
    hours_to_clear: roundedOrNull(hoursToClear(load)),
    trend: trendOf(load),
    window_hours: rounded(windowHours),
    from,
    as_of: to,
  }));
  const [behind] = after ?? [0];
  return pageOf(rows.slice(behind, behind + limit + 1), limit, (last) => [last.rank, now.toISOString()]);
}

function loadOf(found: Found, windowHours: number): PlaceLoad {
  const isOwn = found.stays_here >= MIN_STAYS;
  const isKnown = isOwn || found.stays_in_stage >= MIN_STAYS;
  const own = { stays: found.stays_here, of: "place" } as const;
  const common = { stays: found.stays_in_stage, of: "stage" } as const;
  return {
    shipmentsWaiting: found.shipments_waiting,
    unitsWaiting: found.units_waiting,
    longestWaitHours: found.longest,
    arrived: found.arrived,
    left: found.left,
    windowHours,
    growth: [found.growth_before, found.growth],
    usualHours: isKnown ? (isOwn ? found.usual_here : found.usual_in_stage) : null,
    usualOf: isKnown ? (isOwn ? own : common) : null,
    excessUnitHours: found.excess ?? 0,
  };
}

export const bottlenecks: Report<typeof query> = {
  kind: "bottlenecks",
  question: "Where are goods held up now, and why?",
  query,
  row,
  page,
};
