import { z } from "@hono/zod-openapi";
import type { ShipmentAlertType } from "../../../ingest/domain/alert/shipment.ts";
import { epcsOfSscc } from "../../../ingest/domain/gs1/sscc.ts";
import { trackingNumberIn } from "../../../ingest/domain/shipment/tracking-number.ts";
import type { Reader } from "../../auth/limits.ts";
import { Conditions, containing } from "../../http/lists/conditions.ts";
import { microseconds, microsecondsOf } from "../../http/lists/times.ts";
import type { CursorKey } from "../../http/paging.ts";
import type { Versioned } from "../../http/response.ts";
import type { PROFILES } from "../conditions/fields.ts";
import type { CustomFilter } from "../custom-fields/fields.ts";
import { whereCustom } from "../custom-fields/where-custom.ts";
import { IS_AT_RISK, IS_LATE } from "./eta-sql.ts";
import { SHIPMENT } from "./queries.ts";
import { whereRisk } from "./risks.ts";
import type { Shipment } from "./schema.ts";

export interface ShipmentFilter extends CustomFilter {
  status?: string | undefined;
  stage?: string | undefined;
  locationId?: number | undefined;
  vehicleId?: number | undefined;
  dueBefore?: Date | undefined;
  /** still under way, and expected after the promise, or already past it */
  late?: boolean | undefined;
  /** not late, and one in ten would come after the promise */
  atRisk?: boolean | undefined;
  /** it has any of these */
  risk?: readonly ShipmentAlertType[] | undefined;
  updatedSince?: Date | undefined;
  profile?: (typeof PROFILES)[number] | undefined;
  /** part of tracking number, product name or reference; or a number or an SSCC in any spelling */
  q?: string | undefined;
}

/**
 * What a list is sorted by before the id. A list of a span of time is sorted by that time: by id, a page would read past
 * all shipments before the span.
 */
export type ShipmentOrder = "id" | "updated_at" | "due_at";

export function orderOf({ updatedSince, dueBefore, late, atRisk }: ShipmentFilter): ShipmentOrder {
  if (updatedSince !== undefined) return "updated_at";
  return dueBefore !== undefined || late === true || atRisk === true ? "due_at" : "id";
}

const byId = z.tuple([z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)]);
const byTime = z.tuple([microseconds, z.number().int().min(0)]);

/** What cursors of a list in this order hold. */
export const cursorOf = (order: ShipmentOrder) => (order === "id" ? byId : byTime);

const WITH_TEXT = "SELECT shipment_id FROM shipment_texts WHERE content LIKE lower(?)";

/** A code means one shipment, however it is spelled; what is no code is part of a text. */
function whereText(conditions: Conditions, q: string | undefined): void {
  const number = q === undefined ? undefined : trackingNumberIn(q);
  if (number === undefined) {
    conditions.where(`id IN (${WITH_TEXT})`, containing(q));
    return;
  }
  const code = conditions.parameter(number);
  const tags = conditions.parameter([number, ...epcsOfSscc(number)]);
  conditions.where(
    `id IN (${WITH_TEXT} UNION SELECT h.id FROM shipments h WHERE h.tracking_number = ${code}
      UNION SELECT shipment_id FROM handling_units WHERE sscc = ${code} UNION SELECT shipment_id FROM shipment_tags WHERE epc = ANY(${tags}::text[]))`,
    containing(q),
  );
}

interface Listed {
  shipment: Versioned<Shipment>;
  /** what the next page begins after */
  key: readonly CursorKey[];
}

export async function listShipments(
  db: Reader,
  filter: ShipmentFilter,
  { after, limit }: { after: readonly CursorKey[] | undefined; limit: number },
): Promise<Listed[]> {
  const order = orderOf(filter);
  const conditions = new Conditions()
    .where("status = ?", filter.status)
    .where("stage = ?", filter.stage)
    .where("location_id = ?", filter.locationId)
    .where("vehicle_id = ?", filter.vehicleId)
    // In so many words, as the indexes have them.
    .is(`profiles @> '{${filter.profile}}'`, filter.profile === undefined ? undefined : true)
    .where("due_at < ?", filter.dueBefore)
    .is(IS_LATE, filter.late)
    .is(IS_AT_RISK, filter.atRisk)
    .where("updated_at >= ?", filter.updatedSince);
  whereText(conditions, filter.q);
  const afterId = order === "id" ? (after?.[0] as number | undefined) : undefined;
  whereRisk(conditions, filter.risk, afterId);
  whereCustom(conditions, "shipments", filter, { after: afterId });
  if (order === "id") conditions.where("id > ?", afterId);
  else if (after) conditions.where(`(${order}, id) > (?, ${conditions.parameter(after[1])})`, after[0]);
  const key = order === "id" ? "" : `, ${microsecondsOf(order)} AS key`;
  const { rows } = await db.query<Versioned<Shipment> & { key?: string }>(
    `${SHIPMENT(key)} ${conditions.sql} ORDER BY ${order === "id" ? "" : `${order}, `}id LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows.map(({ key: time, ...shipment }) => ({
    shipment,
    key: time === undefined ? [shipment.id] : [time, shipment.id],
  }));
}
