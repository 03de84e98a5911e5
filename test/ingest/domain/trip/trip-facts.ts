import type { NewFact } from "../../../../ingest/domain/fact.ts";
import type { Place, Places } from "../../../../ingest/domain/place.ts";
import type { TripPlan } from "../../../../ingest/domain/trip/plan.ts";
import { at, HUB, PLANT, SHOP, truck, VILLAGE } from "../shipment-facts.ts";

export const DOCK = 5;
export const YARD = 6;
export const MARKET = 7;
export const places: Places = new Map<number, Place>([
  [PLANT, { id: PLANT, stage: "production", hasGeofence: true }],
  [HUB, { id: HUB, stage: "storage", hasGeofence: true }],
  [SHOP, { id: SHOP, stage: "delivery", hasGeofence: true }],
  [VILLAGE, { id: VILLAGE, stage: "delivery", hasGeofence: false }],
  [DOCK, { id: DOCK, stage: "storage", hasGeofence: false, parentId: HUB }],
  [YARD, { id: YARD, stage: "storage", hasGeofence: true, parentId: HUB }],
  [MARKET, { id: MARKET, stage: "delivery", hasGeofence: true }],
]);

/** A trip of stops with windows in minutes. */
export const plan = (id: number, ...stops: [locationId: number, from: number, to: number][]): TripPlan => ({
  id,
  stops: stops.map(([locationId, from, to]) => ({ locationId, window: { from: from * 60_000, to: to * 60_000 } })),
});

/** hub at 1000 to 1030, shop 1060 to 1080, market 1100 to 1120, hub 1160 to 1200 */
export const ROUND = plan(1, [HUB, 1000, 1030], [SHOP, 1060, 1080], [MARKET, 1100, 1120], [HUB, 1160, 1200]);
export const NEXT = plan(2, [HUB, 1210, 1230], [SHOP, 1260, 1280], [HUB, 1300, 1320]);

export const stay = (locationId: number, from: number, to?: number): NewFact[] => [
  truck(from, "arrived", locationId),
  ...(to === undefined ? [] : [truck(to, "departed", locationId)]),
];
export const rest = (from: number, to: number | undefined, since = from - 10): NewFact[] => [
  at(
    from,
    "trip",
    { since: since * 60_000, from: { lat: 1, lon: 1 }, to: { lat: 1, lon: 2 }, distanceM: 900 },
    "vehicle:9",
  ),
  ...(to === undefined ? [] : [at(to, "trip_started", { from: { lat: 1, lon: 2 }, locationIds: [] }, "vehicle:9")]),
];
/** of tracker `deviceId` */
export const reportedBy = (deviceId: string, facts: readonly NewFact[], later = 0): NewFact[] =>
  facts.map((fact) => ({ ...fact, key: `${fact.key}:${deviceId}`, deviceId, at: fact.at + later }));
