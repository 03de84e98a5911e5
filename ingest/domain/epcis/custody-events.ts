import type { CustodyContent, Holder } from "../custody/milestones.ts";
import { EXTENSION, type EpcisEvent } from "./event.ts";

/*
 * What is told of an entry of the custody log, by the step that CBV 2.0 has for it:
 *
 * | What happened                              | Event               | bizStep          | disposition    |
 * |--------------------------------------------|---------------------|------------------|----------------|
 * | it was created                             | Object ADD          | commissioning    | active         |
 * |   of goods with a product                  | Aggregation ADD     | packing          | active         |
 * | it was put on a vehicle                    | Aggregation ADD     | loading          | in_progress    |
 * | it was taken off a vehicle                 | Aggregation DELETE  | unloading        | in_progress    |
 * | it left a place                            | Object OBSERVE      | departing        | in_transit     |
 * | it is on its way, without a place          | Object OBSERVE      | transporting     | in_transit     |
 * | it came to its destination                 | Object OBSERVE      | arriving         | in_progress    |
 * | the receiver has it                        | Object OBSERVE      | accepting        | in_progress    |
 * | it came back, or is on its way back        | Object OBSERVE      | receiving, departing, … | returned |
 * | it lies at a place                         | Object OBSERVE      | receiving        | in_progress    |
 * | the same place, another status             | Object OBSERVE      | storing          | in_progress    |
 * | it is not where it should be               | Object OBSERVE      | holding          | unknown        |
 * | it was cancelled                           | Object DELETE       | decommissioning  | inactive       |
 *
 * One entry may be several events: a delivery from the truck is an unloading and an acceptance. A place that the goods have left is
 * the read point, and no business location: nobody knows where they are until they come somewhere.
 */

/** A shipment as events name it; what names a thing is a URI. */
export interface ReportedShipment {
  uri: string;
  /** what it is of: a product with its URI, or a name alone */
  goods: readonly { name: string; quantity: number; uri: string | null }[];
  origin: string | null;
  destination: string | null;
  transactions: readonly { type: string; bizTransaction: string }[];
}

export interface Naming {
  location(id: number): string;
  vehicle(id: number): string;
  /** the offset of the place at a time */
  offset(locationId: number | null, at: number): string;
}

/** An event before it has an id. */
export type Unreported = Omit<EpcisEvent, "eventID">;

export function custodyEvents(content: CustodyContent, shipment: ReportedShipment, naming: Naming): Unreported[] {
  const { from, to } = content;
  // Who drives is nothing that EPCIS tells.
  if (content.event === "driver_changed") return [];
  const events: Unreported[] = [];
  const add = (some: Partial<EpcisEvent> & Pick<EpcisEvent, "type">) =>
    events.push({ ...common(content, shipment, naming), ...some });
  const isReturn = content.status === "returned";
  const disposition = isReturn ? "returned" : "in_progress";

  if (from === null) {
    add({
      type: "ObjectEvent",
      action: "ADD",
      epcList: [shipment.uri],
      bizStep: "commissioning",
      disposition: "active",
    });
    const childQuantityList = shipment.goods.flatMap(({ uri, quantity }) => (uri ? [{ epcClass: uri, quantity }] : []));
    if (childQuantityList.length > 0)
      add({
        type: "AggregationEvent",
        action: "ADD",
        parentID: shipment.uri,
        childQuantityList,
        bizStep: "packing",
        disposition: "active",
      });
    return events;
  }
  if (from.vehicle_id !== null && from.vehicle_id !== to.vehicle_id)
    add(handling("DELETE", naming.vehicle(from.vehicle_id), shipment.uri, "unloading", disposition));
  if (to.vehicle_id !== null && from.vehicle_id !== to.vehicle_id)
    add(handling("ADD", naming.vehicle(to.vehicle_id), shipment.uri, "loading", disposition));
  const step = stepOf(content, from, events.length > 0);
  if (step !== undefined) {
    const { action, ...said } = step;
    add({ type: "ObjectEvent", action, epcList: [shipment.uri], ...said });
  }
  return events;
}

const handling = (
  action: "ADD" | "DELETE",
  vehicle: string,
  shipment: string,
  bizStep: string,
  disposition: string,
): Partial<EpcisEvent> & Pick<EpcisEvent, "type"> => ({
  type: "AggregationEvent",
  action,
  parentID: vehicle,
  childEPCs: [shipment],
  bizStep,
  disposition,
});

/** @returns undefined when the loading or unloading has said it all */
function stepOf(
  { status, event, to }: CustodyContent,
  from: Holder,
  isHandled: boolean,
): { action: "OBSERVE" | "DELETE"; bizStep: string; disposition: string } | undefined {
  const observed = (bizStep: string, disposition: string) => ({ action: "OBSERVE" as const, bizStep, disposition });
  const isUnderWay = to.location_id === null;
  const step = isUnderWay ? (from.location_id === null ? "transporting" : "departing") : "receiving";
  switch (status) {
    case "cancelled":
      return { action: "DELETE", bizStep: "decommissioning", disposition: "inactive" };
    case "delivered":
      return observed("accepting", "in_progress");
    case "exception":
      return observed("holding", "unknown");
    case "returned":
      return isHandled ? undefined : observed(step, "returned");
    case "arrived":
      if (event === "proof") return observed("accepting", "in_progress");
      return isHandled && to.vehicle_id !== null ? undefined : observed("arriving", "in_progress");
    default:
      if (event === "proof") return observed("accepting", "in_progress");
      if (isUnderWay) return observed(step, "in_transit");
      if (isHandled) return undefined;
      return observed(from.location_id === to.location_id ? "storing" : "receiving", "in_progress");
  }
}

function common(content: CustodyContent, shipment: ReportedShipment, naming: Naming): Omit<Unreported, "type"> {
  const { from, to, status, stage, event, rule, confidence } = content;
  const at = Date.parse(content.at);
  const place = to.location_id ?? from?.location_id ?? null;
  const { origin, destination, transactions } = shipment;
  return {
    eventTime: content.at,
    eventTimeZoneOffset: naming.offset(place, at),
    ...(place !== null && { readPoint: { id: naming.location(place) } }),
    ...(to.location_id !== null && { bizLocation: { id: naming.location(to.location_id) } }),
    ...(transactions.length > 0 && { bizTransactionList: transactions }),
    ...(origin !== null && { sourceList: [{ type: "location", source: origin }] }),
    ...(destination !== null && { destinationList: [{ type: "location", destination }] }),
    [EXTENSION.event]: event,
    [EXTENSION.status]: status,
    [EXTENSION.stage]: stage,
    ...(to.vehicle_id !== null && { [EXTENSION.vehicle]: naming.vehicle(to.vehicle_id) }),
    [EXTENSION.rule]: rule,
    [EXTENSION.confidence]: confidence,
    ...(from === null && { [EXTENSION.goods]: shipment.goods.map(({ name, quantity }) => ({ name, quantity })) }),
  };
}
