import type { Places } from "../place.ts";
import { isAtDestination, isPartOf } from "../shipment/place-parts.ts";

/*
 * What is meant by naming a shipment at stops of a trip:
 *
 * 1. At two stops: it is loaded at the first of them, and unloaded at the second.
 * 2. At one stop, where the trip has planned it already: what was planned there stays, whatever has become of it meanwhile.
 * 3. At one stop, its destination or one after the stop that it comes from: it is unloaded there, and loaded at the last earlier stop
 *    that it comes from.
 * 4. At one stop that it comes from: it is loaded there, and unloaded at its destination if that is a later stop.
 * 5. At any other stop, while it is not aboard this vehicle: it will be brought there. It is loaded as in 4 if that is the first of several
 *    stops, or if a later one is its destination. Else, and when it is aboard, it is unloaded.
 */

/** A shipment that a trip names. */
export interface NamedShipment {
  id: number;
  /** where it is; of goods aboard the vehicle of the trip: where they were loaded; null: neither is known */
  fromId: number | null;
  destinationId: number | null;
  /** on the vehicle of the trip */
  isAboard: boolean;
  /** what the trip has planned for it until now */
  planned: readonly { locationId: number; action: Handling["action"] }[];
}

export interface Handling {
  /** of the stop, from 1 */
  sequence: number;
  shipmentId: number;
  action: "load" | "unload";
}

/** @param stops the shipments that each stop names, each at two stops at most */
export function handlingsOf(
  stops: readonly { locationId: number; shipmentIds: readonly number[] }[],
  shipments: readonly NamedShipment[],
  places: Places,
): Handling[] {
  return shipments.flatMap((shipment) => {
    const named = stops.flatMap(({ shipmentIds }, at) => (shipmentIds.includes(shipment.id) ? [at] : []));
    const [first, second] = named;
    if (first === undefined) return [];
    const { load, unload } =
      second === undefined ? inferred(first, stops, shipment, places) : { load: first, unload: second };
    const handling = (at: number | undefined, action: Handling["action"]): Handling[] =>
      at === undefined ? [] : [{ sequence: at + 1, shipmentId: shipment.id, action }];
    return [...handling(load, "load"), ...handling(unload, "unload")];
  });
}

function inferred(
  named: number,
  stops: readonly { locationId: number }[],
  { fromId, destinationId, isAboard, planned }: NamedShipment,
  places: Places,
): { load?: number | undefined; unload?: number | undefined } {
  const before = (at: number) => planned.find(({ locationId }) => locationId === stops[at]!.locationId)?.action;
  const comesFrom = (at: number): boolean =>
    before(at) === "load" || isPartOf(fromId, stops[at]!.locationId, { places });
  const isDestination = (at: number): boolean => isAtDestination(stops[at]!.locationId, { destinationId, places });
  const others = stops.map((_, at) => at);
  const destination = others.find((at) => at > named && isDestination(at));
  const loading = others.findLast((at) => at < named && comesFrom(at));
  const isLoaded = { load: named, unload: destination };
  const isUnloaded = { load: loading, unload: named };
  if (before(named) === "load") return isLoaded;
  if (before(named) === "unload" || isDestination(named)) return isUnloaded;
  if (comesFrom(named)) return isLoaded;
  if (loading !== undefined || isAboard) return isUnloaded;
  const isFirstOfSeveral = named === 0 && stops.length > 1;
  return isFirstOfSeveral || destination !== undefined ? isLoaded : isUnloaded;
}
