import type { NewFact, Subject } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";
import { CLOCK_MS, isUnloadedFromVehicle, placeOfArrival } from "./clocks.ts";
import { fenceOf } from "./place-parts.ts";
import type { ShipmentContext } from "./state.ts";

/*
 * A tracker was silent while its vehicle came to a place: the vehicle arrived at some time in between, and `at` is the end
 * of the silence (signals/fence-crossing.ts). Goods that go in there by a gate, or are put down there by a person or the
 * place's own scanner, show that it had come by then, and its arrival is dated back to that, for these goods. The clock of
 * a gate may be behind: what is told up to two minutes before the silence counts too (clocks.ts).
 *
 * Example: the last fix on the road is of 1,090 s, the first inside of 1,500 s. The gate hears the tag go in at 1,300 s: the
 * vehicle arrived at 1,300 s.
 */

type Arrival = NewFact & { type: "arrived" };

/** Goods were put down, epoch milliseconds. */
interface PuttingDown {
  at: number;
  /** in the place that this geofence shows; null: the fact names none */
  fence: number | null;
  /** by the scanner on this vehicle; null: by somebody else */
  vehicle: Subject | null;
}

/** @param facts of any kind, in order of time */
export function dateBackArrivals<F extends NewFact>(facts: readonly F[], context: ShipmentContext): readonly F[] {
  if (!facts.some(isAfterSilence)) return facts;
  const puttingsDown = facts.flatMap((fact) => puttingDownOf(fact, context) ?? []);
  let isMoved = false;
  const dated = facts.map((fact) => {
    if (!isAfterSilence(fact)) return fact;
    const first = puttingsDown.find((putting) => isDuringSilence(putting, fact));
    if (first === undefined) return fact;
    isMoved = true;
    return { ...fact, at: Math.max(first.at, fact.data.between!.from) };
  });
  return isMoved ? dated.sort(byEventTime) : facts;
}

function isAfterSilence<F extends NewFact>(fact: F): fact is F & Arrival {
  return fact.type === "arrived" && fact.data.between !== undefined;
}

function puttingDownOf(fact: NewFact, context: ShipmentContext): PuttingDown | undefined {
  const { at } = fact;
  const place = placeOfArrival(fact);
  if (place !== null) return { at, fence: fenceOf(place, context), vehicle: null };
  return isUnloadedFromVehicle(fact) ? { at, fence: null, vehicle: `vehicle:${fact.data.vehicleId!}` } : undefined;
}

function isDuringSilence({ at, fence, vehicle }: PuttingDown, arrival: Arrival): boolean {
  const isThere = vehicle === null ? fence === arrival.data.locationId : vehicle === arrival.subject;
  const sinceAt = arrival.data.between!.from - (vehicle === null ? CLOCK_MS : 0);
  return isThere && at >= sinceAt && at < arrival.at;
}
