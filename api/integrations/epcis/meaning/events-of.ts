import type { CustodyContent } from "../../../../ingest/domain/custody/milestones.ts";
import { custodyEvents, type Unreported } from "../../../../ingest/domain/epcis/custody-events.ts";
import { excursionEvents, passEvents } from "../../../../ingest/domain/epcis/fact-events.ts";
import { deviceUri, orderUri, ssccUri, tagUri } from "../../../../ingest/domain/epcis/names.ts";
import { countEvents, orderEvents, packingEvents } from "../../../../ingest/domain/epcis/stock-events.ts";
import type { RecordedEvent } from "../../events/event.ts";
import type { Said } from "../../events/sources/facts.ts";
import type { ReportedUnit } from "../../events/sources/handling-units.ts";
import type { CycleCount } from "../../../resources/cycle-counts/schema.ts";
import type { InventoryItem } from "../../../resources/inventory/schema.ts";
import type { Order } from "../../../resources/orders/schema.ts";
import type { NamedThings } from "./naming.ts";

/** What the events of a batch are about, to be read before they are told. */
export function thingsOf({ type, data }: RecordedEvent): { shipments: number[]; items: number[] } {
  const shipments = typeof data["shipment_id"] === "number" ? [data["shipment_id"]] : [];
  const items = typeof data["item_id"] === "number" ? [data["item_id"]] : [];
  const within = (
    type.startsWith("handling_unit.") ? data["contents"] : type.startsWith("order.") ? data["lines"] : []
  ) as {
    item_id: number;
  }[];
  return { shipments, items: [...items, ...within.map(({ item_id: id }) => id)] };
}

/**
 * What is told of an event of the log as EPCIS; empty: it did not happen after all. @returns undefined for what EPCIS has no event for
 */
export function epcisEventsOf(event: RecordedEvent, things: NamedThings): Unreported[] | undefined {
  const { type, data } = event;
  if (data["kind"] === "withdrawn") return [];
  switch (type.slice(0, type.indexOf("."))) {
    case "shipment":
      return ofShipment(data as unknown as CustodyContent & { shipment_id: number }, things);
    case "tag":
    case "condition":
      return ofFact(data as unknown as Said, things);
    case "handling_unit":
      return ofUnit(event, data as unknown as ReportedUnit, things);
    case "cycle_count":
      return ofCount(event, data as unknown as CycleCount, things);
    case "stock":
      return ofLevel(event, data as unknown as InventoryItem, things);
    case "order":
      return ofOrder(event, data as unknown as Order, things);
    default:
      return undefined;
  }
}

/** What came by a captured event was told by its sender. */
function ofShipment(content: CustodyContent & { shipment_id: number }, things: NamedThings): Unreported[] | undefined {
  const shipment = things.shipment(content.shipment_id);
  if (shipment === undefined || content.rule === "epcis") return undefined;
  return custodyEvents(content, shipment, things);
}

function ofFact(said: Said, things: NamedThings): Unreported[] {
  const { rule, confidence, device_id: deviceId, location_id: locationId, shipment_id: shipmentId } = said;
  const device = deviceId === null ? null : deviceUri(things.base, deviceId);
  const fact = { at: Date.parse(said.at), rule, confidence, device };
  if (said.type === "seen")
    return passEvents({ ...fact, data: { direction: said.direction, locationId } }, tagUri(said.tag), things);
  const shipment = shipmentId === null ? undefined : things.shipment(shipmentId);
  if (shipment === undefined) return [];
  const { quantity, worst } = said;
  const since = Date.parse(said.since);
  const told =
    said.type === "excursion"
      ? {
          ...fact,
          type: said.type,
          data: { quantity, worst, since, min: said.min ?? null, max: said.max ?? null, minutes: 0 },
        }
      : { ...fact, type: said.type, data: { quantity, worst, since } };
  return excursionEvents(told, shipment.uri, locationId, things);
}

function ofUnit(
  { type, happenedAt, locationId }: RecordedEvent,
  unit: ReportedUnit,
  things: NamedThings,
): Unreported[] {
  const shipment = things.shipment(unit.shipment_id);
  if (shipment === undefined) return [];
  return packingEvents(
    {
      at: happenedAt.getTime(),
      action: type === "handling_unit.packed" ? "ADD" : "DELETE",
      unit: ssccUri(unit.sscc),
      into: unit.parent === null ? shipment.uri : ssccUri(unit.parent),
      contents: unit.contents.map(({ item_id: id, quantity, lot }) => ({
        epcClass: things.product(id, lot),
        quantity,
      })),
      locationId,
    },
    things,
  );
}

function ofCount({ happenedAt }: RecordedEvent, count: CycleCount, things: NamedThings): Unreported[] | undefined {
  const { counted_quantity: quantity, closed_at: closedAt, location_id: locationId, item_id: itemId } = count;
  if (quantity === null) return undefined;
  const at = closedAt === null ? happenedAt.getTime() : new Date(closedAt).getTime();
  return countEvents(
    { at, locationId, goods: { epcClass: things.product(itemId), quantity }, condition: null },
    things,
  );
}

/** A level that a scale or a reader has measured is a count. What the ledger says is a sum. */
function ofLevel({ happenedAt }: RecordedEvent, item: InventoryItem, things: NamedThings): Unreported[] | undefined {
  const { source, item_id: itemId, location_id: locationId, quantity, condition } = item;
  if (source === "ledger") return undefined;
  const goods = { epcClass: things.product(itemId), quantity: Math.max(0, quantity) };
  return countEvents({ at: happenedAt.getTime(), locationId, goods, condition }, things);
}

/** An order is told when all that it will move has moved. */
function ofOrder({ happenedAt }: RecordedEvent, order: Order, things: NamedThings): Unreported[] | undefined {
  const { kind, status, lines, id, ship_from_id: from, ship_to_id: to, location_id: place } = order;
  if (status !== "shipped" && status !== "received") return undefined;
  const step = status === "shipped" ? "shipping" : "receiving";
  const goods = lines.flatMap(({ item_id: itemId, ...line }) =>
    line[status] > 0 ? [{ epcClass: things.product(itemId), quantity: line[status] }] : [],
  );
  const locationId = step === "shipping" ? from : (to ?? place);
  return orderEvents(
    { at: happenedAt.getTime(), step, order: orderUri(things.base, id), kind, locationId, goods },
    things,
  );
}
