import type { Naming, Unreported } from "./custody-events.ts";
import { EXTENSION, type QuantityElement } from "./event.ts";

/*
 * What is told of goods that are counted by number:
 *
 * - A count, by a person, a scale or a reader: `cycle_counting`, with how many there are.
 * - Goods of an order that have left or come: a transaction event with the order, `shipping` or `receiving`.
 * - A unit that was packed into another, or into its shipment, and what is in it: aggregation events, `packing` and `unpacking`.
 */

export interface Counted {
  at: number;
  locationId: number;
  goods: QuantityElement;
  /** `good`, `hold` or `damaged`; null: nobody has said */
  condition: string | null;
}

const DISPOSITIONS: Readonly<Record<string, string>> = {
  good: "sellable_accessible",
  hold: "non_sellable_other",
  damaged: "damaged",
};

export function countEvents({ at, locationId, goods, condition }: Counted, naming: Naming): Unreported[] {
  const place = { id: naming.location(locationId) };
  const disposition = condition === null ? undefined : DISPOSITIONS[condition];
  return [
    {
      type: "ObjectEvent",
      ...timeOf(at, locationId, naming),
      action: "OBSERVE",
      quantityList: [goods],
      bizStep: "cycle_counting",
      ...(disposition !== undefined && { disposition }),
      readPoint: place,
      bizLocation: place,
    },
  ];
}

export interface Moved {
  at: number;
  step: "shipping" | "receiving";
  /** URI */
  order: string;
  kind: "customer" | "restock" | "transfer" | "return";
  locationId: number | null;
  goods: readonly QuantityElement[];
}

export function orderEvents({ at, step, order, kind, locationId, goods }: Moved, naming: Naming): Unreported[] {
  if (goods.length === 0) return [];
  const place = locationId === null ? undefined : { id: naming.location(locationId) };
  return [
    {
      type: "TransactionEvent",
      ...timeOf(at, locationId, naming),
      action: "ADD",
      bizTransactionList: [{ type: kind === "return" ? "rma" : "po", bizTransaction: order }],
      quantityList: goods,
      bizStep: step,
      disposition: step === "shipping" ? "in_transit" : kind === "return" ? "returned" : "in_progress",
      ...(place && { readPoint: place }),
      ...(place && step === "receiving" && { bizLocation: place }),
    },
  ];
}

export interface Packed {
  at: number;
  action: "ADD" | "DELETE";
  /** URIs */
  unit: string;
  into: string;
  contents: readonly QuantityElement[];
  locationId: number | null;
}

export function packingEvents({ at, action, unit, into, contents, locationId }: Packed, naming: Naming): Unreported[] {
  const place = locationId === null ? undefined : { id: naming.location(locationId) };
  const common = {
    type: "AggregationEvent" as const,
    ...timeOf(at, locationId, naming),
    action,
    bizStep: action === "ADD" ? "packing" : "unpacking",
    disposition: "in_progress",
    ...(place && { readPoint: place, bizLocation: place }),
    [EXTENSION.evidence]: true,
  };
  const events: Unreported[] = unit === into ? [] : [{ ...common, parentID: into, childEPCs: [unit] }];
  if (contents.length > 0) events.push({ ...common, parentID: unit, childQuantityList: contents });
  return events;
}

const timeOf = (at: number, locationId: number | null, naming: Naming) => ({
  eventTime: new Date(at).toISOString(),
  eventTimeZoneOffset: naming.offset(locationId, at),
});
