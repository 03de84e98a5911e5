import { z } from "@hono/zod-openapi";
import type { Reader } from "../../auth/limits.ts";
import { id, queryId, timestamp } from "../../http/fields.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { decodeCursor, type Page, pageOf } from "../../http/paging.ts";
import { hoursOf, itemFilter, percentOf, periodFilter, periodOf, type Report, roundedOrNull } from "./report.ts";

const DAYS = 90;

const row = z
  .object({
    month: z.string().nullable().describe("of the promise, UTC; when grouped by month"),
    party_id: id.nullable().describe("the customer of the order that it was sent for; when grouped by party"),
    party_name: z.string().nullable(),
    origin_id: id.nullable().describe("when grouped by lane"),
    origin_name: z.string().nullable(),
    destination_id: id.nullable(),
    destination_name: z.string().nullable(),
    shipments_promised: z
      .number()
      .int()
      .describe("whose promise has passed, or that were delivered before it; cancelled ones are left out"),
    shipments_on_time: z.number().int().describe("delivered when promised, or before"),
    shipments_in_full: z.number().int().describe("delivered, and signed for in full"),
    shipments_on_time_in_full: z.number().int(),
    shipments_not_delivered: z.number().int().describe("their promise has passed"),
    on_time_percent: z.number().nullable(),
    in_full_percent: z.number().nullable(),
    on_time_in_full_percent: z.number().nullable(),
    median_late_hours: z.number().nullable().describe("of those that were delivered late; null: none was"),
    from: timestamp,
    to: timestamp,
    as_of: timestamp,
  })
  .openapi("OnTimeRow");

const query = z.strictObject({
  by: z.enum(["month", "party", "lane"]).default("month"),
  location_id: queryId.optional().describe("those that come from or go to this location"),
  party_id: queryId.optional().describe("those of this customer"),
  ...itemFilter,
  ...periodFilter("promises", DAYS),
});

const NONE = "NULL::text AS month, NULL::int AS party_id, NULL::int AS origin_id, NULL::int AS destination_id";
const KEYS = {
  month: NONE.replace("NULL::text AS month", "to_char(s.due_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month"),
  party: NONE.replace("NULL::int AS party_id", "o.customer_id AS party_id"),
  lane: NONE.replace("NULL::int AS origin_id", "s.origin_id").replace(
    "NULL::int AS destination_id",
    "s.destination_id",
  ),
};

interface Sum {
  month: string | null;
  party_id: number | null;
  party_name: string | null;
  origin_id: number | null;
  origin_name: string | null;
  destination_id: number | null;
  destination_name: string | null;
  promised: number;
  on_time: number;
  in_full: number;
  both: number;
  missing: number;
  late_hours: number | null;
  as_of: Date;
}

const keyOf = (sum: Pick<Sum, "month" | "party_id" | "origin_id" | "destination_id">) =>
  [sum.month ?? "", sum.party_id ?? 0, sum.origin_id ?? 0, sum.destination_id ?? 0] as const;

async function page(
  db: Reader,
  { by, location_id: locationId, party_id: partyId, item_id: itemId, ...asked }: z.output<typeof query>,
  cursor: string | undefined,
  limit: number,
): Promise<Page<z.output<typeof row>>> {
  const period = periodOf(asked, DAYS);
  const after = decodeCursor(cursor, z.tuple([z.string(), z.number(), z.number(), z.number()]));
  const conditions = new Conditions()
    .where("s.due_at >= ?", period.from)
    .where(asked.to === undefined ? "(s.due_at < ? OR s.status = 'delivered')" : "s.due_at < ?", period.to)
    .where("(s.origin_id = ? OR s.destination_id = ?)", locationId)
    .where("o.customer_id = ?", partyId)
    .where("s.item_id = ?", itemId);
  const where = conditions.sql;
  const key = "(coalesce(month, ''), coalesce(party_id, 0), coalesce(origin_id, 0), coalesce(destination_id, 0))";
  const behind =
    after === undefined ? "" : `WHERE ${key} > (${after.map((part) => conditions.parameter(part)).join(", ")})`;
  const needsOrder = by === "party" || partyId !== undefined;
  const { rows } = await db.query<Sum>(
    `WITH promised AS (
      SELECT ${KEYS[by]}, s.due_at, d.delivered_at, d.is_in_full FROM shipments s
        ${needsOrder ? "LEFT JOIN orders o ON o.id = s.order_id" : ""} LEFT JOIN LATERAL delivery_of(s.id) d ON true
      ${where} AND s.status <> 'cancelled' AND (s.due_at <= now() OR d.delivered_at IS NOT NULL)
    ), sums AS (
      SELECT month, party_id, origin_id, destination_id, count(*)::integer AS promised,
        (count(*) FILTER (WHERE delivered_at <= due_at))::integer AS on_time,
        (count(*) FILTER (WHERE is_in_full))::integer AS in_full,
        (count(*) FILTER (WHERE is_in_full AND delivered_at <= due_at))::integer AS both,
        (count(*) FILTER (WHERE delivered_at IS NULL))::integer AS missing,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY ${hoursOf("delivered_at - due_at")})
          FILTER (WHERE delivered_at > due_at) AS late_hours
      FROM promised GROUP BY month, party_id, origin_id, destination_id
    )
    SELECT sums.*, y.name AS party_name, a.name AS origin_name, b.name AS destination_name, now() AS as_of
    FROM sums LEFT JOIN parties y ON y.id = party_id LEFT JOIN locations a ON a.id = origin_id
      LEFT JOIN locations b ON b.id = destination_id
    ${behind} ORDER BY ${key} LIMIT ${conditions.parameter(limit + 1)}`,
    conditions.values,
  );
  return pageOf(
    rows.map((sum) => rowOf(sum, period)),
    limit,
    keyOf,
  );
}

function rowOf(
  { promised, on_time: onTime, in_full: inFull, both, missing, late_hours: lateHours, as_of, ...key }: Sum,
  period: { from: Date; to: Date },
): z.output<typeof row> {
  return {
    ...key,
    shipments_promised: promised,
    shipments_on_time: onTime,
    shipments_in_full: inFull,
    shipments_on_time_in_full: both,
    shipments_not_delivered: missing,
    on_time_percent: percentOf(onTime, promised),
    in_full_percent: percentOf(inFull, promised),
    on_time_in_full_percent: percentOf(both, promised),
    median_late_hours: roundedOrNull(lateHours),
    ...period,
    as_of,
  };
}

export const onTime: Report<typeof query> = {
  kind: "on-time",
  question: "How many shipments were there when promised, and complete?",
  query,
  row,
  page,
};
