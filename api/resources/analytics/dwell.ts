import { z } from "@hono/zod-openapi";
import { type Dwells, productLimit } from "../../../ingest/domain/analytics/product-limit.ts";
import { STAGES, type Stage } from "../../../ingest/domain/fact.ts";
import { groupBy } from "../../../ingest/domain/group-by.ts";
import type { Reader } from "../../auth/limits.ts";
import { id, timestamp } from "../../http/fields.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { decodeCursor, type Page, pageOf } from "../../http/paging.ts";
import {
  filters,
  hoursOf,
  itemFilter,
  periodFilter,
  periodOf,
  type Report,
  rounded,
  roundedOrNull,
  whereWithin,
} from "./report.ts";

const DAYS = 30;
const SHARES = [0.5, 0.9, 0.95];
const NAMES = ["p50", "p90", "p95"];

const hours = z.number().nullable().describe("hours; null: so many have not ended yet");

const row = z
  .object({
    stage: z.enum(STAGES),
    location_id: id.nullable().describe("null: on the road, or nobody knows"),
    location_name: z.string().nullable(),
    shipments: z.number().int().describe("that came in the period"),
    shipments_left: z.number().int().describe("of these, those whose stay has ended"),
    shipments_waiting: z.number().int().describe("of these, those that still wait: they count as at least so long"),
    p50_hours: hours,
    p90_hours: hours,
    p95_hours: hours,
    longest_waiting_hours: z.number().nullable(),
    not_reached: z.string().nullable().describe("which percentiles are not known yet, and why; null: all are"),
    from: timestamp,
    to: timestamp,
    as_of: timestamp.describe("what waits has waited until then"),
  })
  .openapi("DwellRow");

const query = z.strictObject({ ...filters, ...itemFilter, ...periodFilter("stays that began", DAYS) });

interface Length extends Dwells {
  stage: Stage;
  place: number;
  name: string | null;
  waiting: number;
  longest: number | null;
  as_of: Date;
}

/** Lengths are rounded to a minute, long ones to three digits: so few are left that Postgres counts them and sends the counts. */
const MINUTES = "greatest(extract(epoch FROM coalesce(k.to_at, now()) - k.from_at)::float8 / 60, 0)";
const WIDTH = `power(10, greatest(floor(log(greatest(${MINUTES}, 1))) - 2, 0))`;

async function page(
  db: Reader,
  { stage, location_id: locationId, item_id: itemId, ...asked }: z.output<typeof query>,
  cursor: string | undefined,
  limit: number,
): Promise<Page<z.output<typeof row>>> {
  const { from, to } = periodOf(asked, DAYS);
  const after = decodeCursor(cursor, z.tuple([z.string(), z.number().int()]));
  const places = whereWithin(new Conditions(), "id", locationId);
  // The parameters of both parts are those of one statement.
  const stays = new Conditions();
  for (const value of places.values) stays.parameter(value);
  stays
    .where("k.from_at >= ?", from)
    .where("k.from_at < ?", to)
    .where("k.item_id = ?", itemId)
    .is("k.stage = g.stage AND coalesce(k.location_id, 0) = g.place", true);
  const chosen = stays.sql;
  const stages = stays.parameter(stage === undefined ? [...STAGES].toSorted().join() : stage);
  const behind =
    after === undefined ? "" : `WHERE (g.stage, g.place) > (${after.map((key) => stays.parameter(key)).join(", ")})`;
  const { rows } = await db.query<Length>(
    `WITH places AS (
      SELECT id, name FROM locations ${places.sql} ${locationId === undefined ? "UNION ALL SELECT 0, NULL" : ""}
    ), groups AS MATERIALIZED (
      SELECT g.* FROM (SELECT s.stage, p.id AS place, p.name FROM unnest(string_to_array(${stages}, ',')) AS s (stage), places p) g
        CROSS JOIN LATERAL (SELECT FROM shipment_stays k ${chosen} LIMIT 1) found
      ${behind} ORDER BY g.stage, g.place LIMIT ${stays.parameter(limit + 1)}
    )
    SELECT g.stage, g.place, g.name, round(${MINUTES} / ${WIDTH}) * ${WIDTH} / 60 AS hours,
      (count(*) FILTER (WHERE k.ended_by <> 'cancelled'))::integer AS ended,
      (count(*) FILTER (WHERE k.ended_by IS NULL OR k.ended_by = 'cancelled'))::integer AS censored,
      (count(*) FILTER (WHERE k.to_at IS NULL))::integer AS waiting,
      max(${hoursOf("now() - k.from_at")}) FILTER (WHERE k.to_at IS NULL) AS longest, now() AS as_of
    FROM groups g CROSS JOIN shipment_stays k ${chosen} GROUP BY g.stage, g.place, g.name, 4 ORDER BY g.stage, g.place, 4`,
    stays.values,
  );
  const groups = groupBy(rows, (length) => `${length.stage} ${length.place}`);
  const all = [...groups.values()].map((lengths) => rowOf(lengths, { from, to }));
  return pageOf(all, limit, (last) => [last.stage, last.location_id ?? 0]);
}

function rowOf(lengths: readonly Length[], period: { from: Date; to: Date }): z.output<typeof row> {
  const { stage, place, name, as_of } = lengths[0]!;
  const { ended, censored, percentiles } = productLimit(lengths, SHARES);
  const waiting = lengths.reduce((sum, length) => sum + length.waiting, 0);
  const [p50, p90, p95] = percentiles.map((value) => roundedOrNull(value));
  const longest = Math.max(...lengths.map((length) => length.longest ?? -1));
  const unknown = NAMES.filter((_, at) => percentiles[at] === null);
  return {
    stage,
    location_id: place === 0 ? null : place,
    location_name: name,
    shipments: ended + censored,
    shipments_left: ended,
    shipments_waiting: waiting,
    p50_hours: p50 ?? null,
    p90_hours: p90 ?? null,
    p95_hours: p95 ?? null,
    longest_waiting_hours: longest < 0 ? null : rounded(longest),
    not_reached:
      unknown.length === 0
        ? null
        : `${unknown.join(", ")} not known yet: ${censored} of ${ended + censored} have not left, and how long they take shows when they do`,
    ...period,
    as_of,
  };
}

export const dwell: Report<typeof query> = {
  kind: "dwell",
  question: "How long do goods stay in each stage and at each place?",
  query,
  row,
  page,
};
