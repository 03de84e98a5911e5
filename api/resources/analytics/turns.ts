import { z } from "@hono/zod-openapi";
import type { Reader } from "../../auth/limits.ts";
import { id, queryId, timestamp } from "../../http/fields.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { idAfter, type Page, pageOf } from "../../http/paging.ts";
import {
  itemFilter,
  periodFilter,
  periodOf,
  type Report,
  rounded,
  roundedOrNull,
  sumsAsOf,
  whereWithin,
} from "./report.ts";

const DAYS = 30;

const row = z
  .object({
    inventory_item_id: id,
    item_id: id,
    sku: z.string(),
    item_name: z.string(),
    location_id: id,
    location_name: z.string().nullable(),
    unit: z.string().describe("that all quantities count"),
    quantity_units: z.number().describe("there now"),
    units_in: z.number().describe("that came in the period; counts of people and reversals are neither in nor out"),
    units_out: z.number(),
    units_corrected: z.number(),
    average_units: z.number().nullable().describe("mean level over the period; null: nothing was known of it then"),
    turns: z.number().nullable().describe("`units_out` by `average_units`, in the period"),
    turns_per_year: z.number().nullable(),
    days_of_stock: z
      .number()
      .nullable()
      .describe("that last what is there, as it left in the period; null: nothing left"),
    observed_days: z.number().describe("of the period, since the first movement"),
    from: timestamp,
    to: timestamp,
    as_of: timestamp,
  })
  .openapi("TurnsRow");

const query = z.strictObject({
  location_id: queryId.optional().describe("this location and everything below it"),
  ...itemFilter,
  ...periodFilter("whole hours (UTC)", DAYS),
});

interface Flow {
  id: number;
  item_id: number;
  sku: string;
  item_name: string;
  location_id: number;
  location_name: string | null;
  unit: string;
  quantity: number;
  units_in: number;
  units_out: number;
  units_corrected: number;
  /** levels follow from what is there now and what has changed since */
  net_since: number;
  net: number;
  /** what changed in the period, each times the seconds of the period before it */
  net_unit_seconds: number;
  first_at: Date | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS_PER_YEAR = 365;

async function page(
  db: Reader,
  { location_id: locationId, item_id: itemId, ...asked }: z.output<typeof query>,
  cursor: string | undefined,
  limit: number,
): Promise<Page<z.output<typeof row>>> {
  const period = wholeHours(periodOf(asked, DAYS));
  const conditions = new Conditions().where("i.id > ?", idAfter(cursor) ?? 0).where("i.item_id = ?", itemId);
  whereWithin(conditions, "i.location_id", locationId);
  const where = conditions.sql;
  const [from, to] = [conditions.parameter(period.from), conditions.parameter(period.to)];
  const inPeriod = `FILTER (WHERE h.hour < ${to})`;
  const sum = (column: string): string => `coalesce(sum(h.${column}) ${inPeriod}, 0)::float8 AS ${column}`;
  const { rows } = await db.query<Flow>(
    `SELECT p.*, h.*, m.first_at FROM (
      SELECT i.id, i.item_id, t.sku, t.name AS item_name, i.location_id, l.name AS location_name, t.base_unit AS unit,
        greatest(i.quantity, 0) AS quantity
      FROM inventory_items i JOIN items t ON t.id = i.item_id LEFT JOIN locations l ON l.id = i.location_id
      ${where} ORDER BY i.id LIMIT ${conditions.parameter(limit + 1)}
    ) p CROSS JOIN LATERAL (
      SELECT ${["units_in", "units_out", "units_corrected"].map(sum).join(", ")},
        coalesce(sum(h.net_units) ${inPeriod}, 0)::float8 AS net,
        coalesce(sum(h.net_units) FILTER (WHERE h.hour >= ${to}), 0)::float8 AS net_since,
        coalesce(sum(h.net_units * extract(epoch FROM h.hour - ${from}::timestamptz) + h.net_unit_seconds) ${inPeriod}, 0)::float8 AS net_unit_seconds
      FROM stock_hours h WHERE h.inventory_item_id = p.id AND h.hour >= ${from}
    ) h CROSS JOIN LATERAL (SELECT min(at) AS first_at FROM movements WHERE inventory_item_id = p.id) m
    ORDER BY p.id`,
    conditions.values,
  );
  const asOf = await sumsAsOf(db, "stock_hours_due");
  return pageOf(
    rows.map((flow) => rowOf(flow, period, asOf)),
    limit,
    (last) => [last.inventory_item_id],
  );
}

/** Sums are hourly. The hour that goes on is part of the period, as far as it has gone. */
function wholeHours({ from, to }: { from: Date; to: Date }): { from: Date; to: Date } {
  const begin = Math.floor(from.getTime() / HOUR_MS) * HOUR_MS;
  const end = Math.min(Math.ceil(to.getTime() / HOUR_MS) * HOUR_MS, Math.max(Date.now(), begin + 1));
  return { from: new Date(begin), to: new Date(end) };
}

function rowOf(flow: Flow, period: { from: Date; to: Date }, asOf: Date): z.output<typeof row> {
  const { units_out: out, quantity } = flow;
  const first = flow.first_at?.getTime() ?? Infinity;
  const since = Math.max(period.from.getTime(), first);
  const observedMs = Math.max(0, period.to.getTime() - since);
  const days = observedMs / DAY_MS;
  // The level at the end, less what changed, for as long as it had not changed yet.
  const levelAtEnd = quantity - flow.net_since;
  const beforeMs = since - period.from.getTime();
  const average =
    observedMs === 0
      ? null
      : Math.max(0, levelAtEnd - (flow.net_unit_seconds * 1000 - flow.net * beforeMs) / observedMs);
  const turns = average === null || average === 0 ? null : out / average;
  return {
    inventory_item_id: flow.id,
    item_id: flow.item_id,
    sku: flow.sku,
    item_name: flow.item_name,
    location_id: flow.location_id,
    location_name: flow.location_name,
    unit: flow.unit,
    quantity_units: quantity,
    units_in: flow.units_in,
    units_out: out,
    units_corrected: flow.units_corrected,
    average_units: roundedOrNull(average),
    turns: roundedOrNull(turns),
    turns_per_year: turns === null ? null : rounded((turns * DAYS_PER_YEAR) / days),
    days_of_stock: out === 0 || days === 0 ? null : rounded((quantity * days) / out, 1),
    observed_days: rounded(days),
    ...period,
    as_of: asOf,
  };
}

export const turns: Report<typeof query> = {
  kind: "turns",
  question: "How often is stock sold and replaced, and how long does it last?",
  query,
  row,
  page,
};
