import type { Places } from "../place.ts";
import { isAtDestination, isPartOf } from "../shipment/place-parts.ts";

/*
 * What is meant by naming a shipment at stops of a trip:
 *
 * 1. At two stops: it is loaded at the first of them, and unloaded at the second.
 * 2. At one stop, where it is and which is not its destination: it is loaded there, and unloaded at its destination if that is
 *    a later stop.
 * 3. At one stop otherwise: it is unloaded there, and loaded at the last earlier stop where it is.
 */

/** A shipment, where it is and where it goes. */
export interface NamedShipment {
  id: number;
  locationId: number | null;
  destinationId: number | null;
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
  { locationId, destinationId }: NamedShipment,
  places: Places,
): { load?: number | undefined; unload?: number | undefined } {
  const isHere = (at: number): boolean => isPartOf(locationId, stops[at]!.locationId, { places });
  const isDestination = (at: number): boolean => isAtDestination(stops[at]!.locationId, { destinationId, places });
  const others = stops.map((_, at) => at);
  if (isHere(named) && !isDestination(named)) {
    return { load: named, unload: others.find((at) => at > named && isDestination(at)) };
  }
  return { load: others.findLast((at) => at < named && isHere(at)), unload: named };
}
