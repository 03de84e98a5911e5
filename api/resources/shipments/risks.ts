import { z } from "@hono/zod-openapi";
import { SHIPMENT_ALERT_TYPES, type ShipmentAlertType } from "../../../ingest/domain/alert/shipment.ts";
import type { Reader } from "../../auth/limits.ts";
import type { Conditions } from "../../http/lists/conditions.ts";

/*
 * The risks of a shipment are the types of its alerts that are not resolved. They come and go without its row: its version stays, and
 * triggers tell of them as of a change of it (migrations 0161 and 0163).
 */
const risk = z.enum(SHIPMENT_ALERT_TYPES);

/** Of a response. */
export const risks = z.array(risk).describe("types of its alerts that are not resolved, each once");

/** Query parameter of a list. */
export const riskFilter = z
  .string()
  .max(255)
  .transform((text) => text.split(",").map((each) => each.trim()))
  .pipe(z.array(risk))
  .optional()
  .openapi({ type: "string", example: "off_route,light" })
  .describe(
    `shipments that have any of these risks, parted by commas: an alert of that type that is not resolved. Risks are ${SHIPMENT_ALERT_TYPES.join(", ")}`,
  );

/**
 * In so many words, as the index has them. Under limits too: whoever may see a shipment may see the alerts about it, and to plan the view of
 * all kinds of alerts takes Postgres longer than all the rest.
 */
const OPEN_ALERTS = "public.alerts a WHERE a.shipment_id IS NOT NULL AND a.state <> 'resolved'";

/** A column of a query of `shipments`. */
export const RISKS = `ARRAY(SELECT DISTINCT a.type FROM ${OPEN_ALERTS} AND a.shipment_id = shipments.id ORDER BY a.type)`;

/** Adds the condition of `riskFilter`. @param after the id after which the page begins, if it is sorted by id */
export function whereRisk(
  conditions: Conditions,
  asked: readonly ShipmentAlertType[] | undefined,
  after: number | undefined,
): Conditions {
  if (asked === undefined) return conditions;
  const beyond = after === undefined ? "" : ` AND a.shipment_id > ${conditions.parameter(after)}::integer`;
  return conditions.where(
    `id IN (SELECT a.shipment_id FROM ${OPEN_ALERTS} AND a.type = ANY (?::text[])${beyond})`,
    asked,
  );
}

/** Whether an alert was ever about it, as long as alerts are kept: whoever has read it before may have read other risks. */
export async function hasHadAlerts(db: Reader, id: number): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>({
    name: "api_shipment_had_alerts",
    text: "SELECT EXISTS (SELECT FROM public.alerts WHERE shipment_id = $1) AS found",
    values: [id],
  });
  return rows[0]!.found;
}
