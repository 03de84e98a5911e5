import type { Schemas } from "../../../client/index.ts";
import { instantOf, localTextOf, type TimeZone } from "../../labels/times.ts";
import type { Location, Shipment, Trip } from "../../state/resources.ts";

// A plan while it is made: stops have keys, so that they can change places without losing their shipments.

export interface DraftStop {
  key: number;
  locationId: number | null;
  /** as fields for date and time hold it */
  from: string;
  to: string;
}

export interface DraftPlan {
  stops: readonly DraftStop[];
  /** by shipment: the keys of the stops where it is loaded and unloaded; null: not on this trip */
  shipments: ReadonlyMap<number, { load: number | null; unload: number | null }>;
}

let nextKey = 1;
const newKey = (): number => (nextKey += 1);
const HALF_HOUR_MS = 1_800_000;

/** Half an hour, from the next full hour after `at` on (epoch milliseconds). */
function halfHourAfter(at: number, zone: TimeZone): Pick<DraftStop, "from" | "to"> {
  const from = Math.ceil((at + 1) / (2 * HALF_HOUR_MS)) * 2 * HALF_HOUR_MS;
  const textOf = (ms: number): string => localTextOf(new Date(ms).toISOString(), zone);
  return { from: textOf(from), to: textOf(from + HALF_HOUR_MS) };
}

export function draftOf(trip: Trip | undefined, now: number, zone: TimeZone): DraftPlan {
  if (trip === undefined) {
    const first = { key: newKey(), locationId: null, ...halfHourAfter(now, zone) };
    return { stops: [first, stopAfter(first, zone)], shipments: new Map() };
  }
  const shipments = new Map<number, { load: number | null; unload: number | null }>();
  const stops = trip.stops.map(({ location_id: locationId, window, shipments: named }): DraftStop => {
    const key = newKey();
    for (const { id, action } of named) {
      shipments.set(id, { ...(shipments.get(id) ?? { load: null, unload: null }), [action]: key });
    }
    return { key, locationId, from: localTextOf(window.from, zone), to: localTextOf(window.to, zone) };
  });
  return { stops, shipments };
}

export const stopAfter = ({ to }: Pick<DraftStop, "to">, zone: TimeZone): DraftStop => ({
  key: newKey(),
  locationId: null,
  ...halfHourAfter(Date.parse(instantOf(to, zone)), zone),
});

/** Without what is loaded or unloaded at a stop that is gone, or is unloaded before it is loaded. */
export function withStops(plan: DraftPlan, stops: readonly DraftStop[]): DraftPlan {
  const at = new Map(stops.map(({ key }, index) => [key, index]));
  const kept = [...plan.shipments].flatMap(([id, { load, unload }]) => {
    const [from, to] = [load === null ? -1 : at.get(load), unload === null ? Infinity : at.get(unload)];
    return from === undefined || to === undefined || from >= to ? [] : [[id, { load, unload }] as const];
  });
  return { stops, shipments: new Map(kept) };
}

/** The stops of the request, in the short form of the API: named at two stops, a shipment is loaded at the first. */
export function stopsOf({ stops, shipments }: DraftPlan, zone: TimeZone): Schemas["NewTrip"]["stops"] {
  return stops.map(({ key, locationId, from, to }) => ({
    location_id: locationId ?? 0,
    window: { from: instantOf(from, zone), to: instantOf(to, zone) },
    shipment_ids: [...shipments].flatMap(([id, { load, unload }]) => (load === key || unload === key ? [id] : [])),
  }));
}

/** Whether a place is the other one or lies in it. */
export function isWithin(inner: number | null, outer: number, locations: ReadonlyMap<number, Location>): boolean {
  for (let id = inner, depth = 0; id !== null && depth < 20; depth += 1) {
    if (id === outer) return true;
    id = locations.get(id)?.parent_id ?? null;
  }
  return false;
}

/** What could be loaded at a place: what is there, and is neither delivered nor cancelled. */
export const loadableAt = (
  place: number,
  shipments: Iterable<Shipment>,
  locations: ReadonlyMap<number, Location>,
): Shipment[] =>
  [...shipments].filter(
    ({ status, location_id: id }) => status !== "delivered" && status !== "cancelled" && isWithin(id, place, locations),
  );

/** Where a shipment that is loaded at a stop is unloaded by default: at its destination, else at the last stop. */
export function unloadingOf(
  { destination_id: destination }: Shipment,
  later: readonly DraftStop[],
  locations: ReadonlyMap<number, Location>,
): number | null {
  const there = later.find(({ locationId }) => locationId !== null && isWithin(destination, locationId, locations));
  return (there ?? later.at(-1))?.key ?? null;
}
