import type { RiskKind, ShipmentStatus } from "../fact.ts";
import type { Assessment } from "./condition.ts";
import type { AlertedFact } from "./events.ts";
import { type AlertRule, type AlertType, concerns } from "./rule.ts";
import type { AlertedPromise } from "./promise.ts";

/** What alerts about a shipment are of: what `GET /shipments` calls its risks. */
export const SHIPMENT_ALERT_TYPES = [
  "excursion",
  "off_route",
  "unscheduled_stop",
  "separation",
  "light",
  "shipment_silent",
  "late",
] as const satisfies readonly AlertType[];
export type ShipmentAlertType = (typeof SHIPMENT_ALERT_TYPES)[number];

/** What was found of a shipment, from a fact about it. */
export interface ShipmentFact extends AlertedFact {
  type: "excursion" | "risk" | "risk_over";
  /** of a risk */
  kind: RiskKind | null;
  /** since when it was so, epoch milliseconds */
  since: number;
}

/** One shipment as the rules see it. Times in epoch milliseconds. */
export interface AlertedShipment {
  id: number;
  status: ShipmentStatus;
  /** null: on a vehicle, or nowhere in particular */
  locationId: number | null;
  originId: number | null;
  destinationId: number | null;
  /** excursions and risks of the last weeks, by id; withdrawn ones included */
  facts: readonly ShipmentFact[];
  promise: AlertedPromise;
}

const CLOSED: ReadonlySet<ShipmentStatus> = new Set(["delivered", "returned", "cancelled"]);

export const isClosed = ({ status }: Pick<AlertedShipment, "status">): boolean => CLOSED.has(status);

/** Whether a rule is about this shipment: it is at one of the rule's locations, comes from there or goes there. */
export const concernsShipment = (
  rule: AlertRule,
  { locationId, originId, destinationId }: Pick<AlertedShipment, "locationId" | "originId" | "destinationId">,
): boolean => [locationId, originId, destinationId].some((id) => concerns(rule, id));

/**
 * Excursions count one by one: an alert stays until a person has looked at the goods, also when they are cool again.
 * @returns undefined: it is another rule
 */
export function excursionsOf(rule: AlertRule, shipment: AlertedShipment): ShipmentFact[] | undefined {
  if (rule.type !== "excursion") return undefined;
  return concernsShipment(rule, shipment) ? shipment.facts.filter(({ type }) => type === "excursion") : [];
}

/** A risk is raised until it is over, or the shipment has come to its end. @returns undefined where the rule does not apply */
export function assessRisk(rule: AlertRule, shipment: AlertedShipment): Assessment | undefined {
  if (isClosed(shipment) || !concernsShipment(rule, shipment)) return undefined;
  const last = shipment.facts
    .filter(({ kind, isWithdrawn }) => kind === rule.type && !isWithdrawn)
    .toSorted((a, b) => a.at - b.at || a.id - b.id)
    .at(-1);
  if (last === undefined) return undefined;
  return {
    level: last.type === "risk" && isBeyond(rule, last.detail) ? "raised" : "clear",
    since: last.since,
    knownSince: last.since,
    holdMs: holdMsOf(rule),
    detail: last.detail,
    late: last.late,
  };
}

/** Whether a risk is as large as the rule asks. */
function isBeyond(rule: AlertRule, detail: ShipmentFact["detail"]): boolean {
  const measured = (name: string) => Number(detail[name] ?? Number.POSITIVE_INFINITY);
  if (rule.type === "separation") return measured("metres") >= rule.params.metres;
  if (rule.type === "light") return measured("lux") >= rule.params.lux;
  return true;
}

function holdMsOf(rule: AlertRule): number {
  return rule.type === "unscheduled_stop" || rule.type === "shipment_silent" ? rule.params.minutes * 60_000 : 0;
}
