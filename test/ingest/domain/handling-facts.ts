import type { NewFact } from "../../../ingest/domain/fact.ts";
import { at, HUB, places, SHOP, truck } from "./shipment-facts.ts";

/** A second shop and a second warehouse, with geofences. */
export const SHOP_2 = 5;
export const HUB_2 = 6;
/** Parts of the shop and of the hub, without a geofence. */
export const DOCK = 7;
export const RACK = 8;
export const allPlaces = new Map([
  ...places,
  [SHOP_2, { id: SHOP_2, stage: "delivery" as const, hasGeofence: true }],
  [HUB_2, { id: HUB_2, stage: "storage" as const, hasGeofence: true }],
  [DOCK, { id: DOCK, stage: "delivery" as const, hasGeofence: false, parentId: SHOP }],
  [RACK, { id: RACK, stage: "storage" as const, hasGeofence: false, parentId: HUB }],
]);

export const heard = (minute: number, locationId: number): NewFact =>
  at(minute, "heard", { locationId, portal: true, since: minute * 60_000, last: minute * 60_000, reads: 1 }, "tag:x");
export const load = (minute: number, vehicleId = 9): NewFact => at(minute, "loaded", { vehicleId, locationId: null });
export const startsTrip = (minute: number, locationIds: number[]): NewFact =>
  at(minute, "trip_started", { from: { lat: 48, lon: 11 }, locationIds }, "vehicle:9");
export const scan = (
  minute: number,
  action: "load" | "unload" | "deliver" | "receive" | "count",
  where: { locationId?: number; vehicleId?: number },
): NewFact =>
  at(minute, "scanned", {
    action,
    code: "x",
    locationId: where.locationId ?? null,
    vehicleId: where.vehicleId ?? null,
  });

/** Heard by the reader on truck 9 for a minute, and on. */
export const lasting = (minute: number, vehicleId = 9) => ({
  ...at(minute, "seen", { locationId: null, vehicleId, direction: "in" }, "tag:x"),
  confidence: 0.88,
});
export const gone = (last: number, after: number, since = 5, vehicleId = 9) =>
  at(after, "gone", { locationId: null, vehicleId, since: since * 60_000, last: last * 60_000 }, "tag:x");
export const by = (deviceId: string, fact: NewFact): NewFact => ({ ...fact, deviceId });
export const stops = (minute: number, since: number) =>
  at(
    minute,
    "trip",
    {
      since: since * 60_000,
      from: { lat: 48, lon: 11 },
      to: { lat: 48, lon: 11.1 },
      distanceM: 7_000,
    },
    "vehicle:9",
  );

export const AT_SHOP = truck(50, "arrived", SHOP);
export const HOME = [truck(60, "departed", SHOP), truck(90, "arrived", HUB)];
export const ROAD = { status: "out_for_delivery", stage: "transportation", locationId: null, vehicleId: 9 };
export const DELIVERED = { status: "delivered", stage: "delivery", locationId: SHOP, vehicleId: null };

export type Case = [title: string, facts: NewFact[], destinationId: number | null, expected: object];
