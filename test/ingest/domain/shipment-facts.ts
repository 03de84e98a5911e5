import type { FactData, FactType, NewFact } from "../../../ingest/domain/fact.ts";
import type { Place, Places } from "../../../ingest/domain/place.ts";

export const PLANT = 1;
export const HUB = 2;
export const SHOP = 3;
export const VILLAGE = 4;
export const places: Places = new Map<number, Place>([
  [PLANT, { id: PLANT, stage: "production", hasGeofence: true }],
  [HUB, { id: HUB, stage: "storage", hasGeofence: true }],
  [SHOP, { id: SHOP, stage: "delivery", hasGeofence: true }],
  [VILLAGE, { id: VILLAGE, stage: "delivery", hasGeofence: false }],
]);

// Facts of one time go in the order of their keys, which are compared as text: all have the same width, so later calls are later.
let serial = 0;
/** A fact of the shipment, in minutes since its creation. */
export function at<T extends FactType>(minute: number, type: T, data: FactData[T], subject = "shipment:1"): NewFact {
  serial += 1;
  const key = `${type}:${String(serial).padStart(9, "0")}`;
  return {
    key,
    subject,
    at: minute * 60_000,
    type,
    data,
    rule: "test",
    evidence: [],
    confidence: 1,
  } as unknown as NewFact;
}
export const truck = (minute: number, type: "departed" | "arrived" | "passed", locationId: number, vehicleId = 9) =>
  at(minute, type, { locationId }, `vehicle:${vehicleId}`);
export const created = at(0, "created", { stage: "storage", locationId: HUB });
export const loaded = at(10, "loaded", { vehicleId: 9, locationId: HUB });
export const unloaded = (minute: number, locationId: number) => at(minute, "unloaded", { locationId });
export const seen = (
  minute: number,
  locationId: number,
  direction: "in" | "out" | "unknown",
  { confidence = 0.9, tag = "x" } = {},
): NewFact => ({ ...at(minute, "seen", { locationId, direction }, `tag:${tag}`), confidence });
/** through a gate */
export const pass = (minute: number, locationId: number, direction: "in" | "out" | "unknown", tag = "x"): NewFact => ({
  ...at(minute, "seen", { locationId, direction, portal: true, reads: 12 }, `tag:${tag}`),
  confidence: direction === "unknown" ? 0.5 : 0.9,
});
/** through a gate, of no sure direction: the strongest reads are missing */
export const leaning = (minute: number, locationId: number, likely: "in" | "out"): NewFact => ({
  ...at(minute, "seen", { locationId, direction: "unknown", likely, portal: true, reads: 12 }, "tag:x"),
  confidence: 0.6,
});
/** by a reader aboard; it has heard the tag until a minute before it is gone */
export const readOnVehicle = (minute: number, type: "seen" | "gone", tag = "x", vehicleId = 9): NewFact =>
  type === "seen"
    ? at(minute, type, { locationId: null, vehicleId, direction: "in" }, `tag:${tag}`)
    : at(
        minute,
        type,
        { locationId: null, vehicleId, since: (minute - 1) * 60_000, last: (minute - 1) * 60_000 },
        `tag:${tag}`,
      );
export const proof = (minute: number, outcome: "delivered" | "refused" = "delivered") =>
  at(minute, "proof", { name: "R. Cipient", note: null, outcome });
export const underWay = [created, loaded, truck(20, "departed", HUB)];
export const singleRead = { confidence: 0.7 };
export const manual = (minute: number, locationId: number) =>
  at(minute, "manual", { status: "in_storage", stage: "storage", locationId });
