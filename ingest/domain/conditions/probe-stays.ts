import type { ShipmentState } from "../shipment/state.ts";

/*
 * Which probes tell of a shipment, and when:
 *
 * 1. A probe that is mounted on the shipment itself, while it is.
 * 2. At other times those on the vehicle that carries it, and those mounted at the very place where it is.
 * 3. What its own probe says counts alone: cool goods in a box do not have the temperature of the truck.
 */

/** Where a shipment was, epoch milliseconds; `to` is null while it is there. */
export interface Stay {
  vehicleId: number | null;
  locationId: number | null;
  from: number;
  to: number | null;
}

export type MountedOn = "shipment" | "vehicle" | "location";

/** A device mounted on something, from when to when. */
export interface ProbeMount {
  deviceId: string;
  on: MountedOn;
  /** of the shipment, the vehicle or the location */
  id: number;
  from: number;
  to: number | null;
}

/** A time in which a probe tells of the shipment. */
export interface ProbeStay {
  deviceId: string;
  on: MountedOn;
  from: number;
  to: number | null;
}

/** Where the shipment was, by the events of its fold. */
export function staysOf(events: readonly { fact: { at: number }; state: ShipmentState }[]): Stay[] {
  const stays: Stay[] = [];
  for (const { fact, state } of events) {
    const { vehicleId } = state;
    const locationId = vehicleId === null ? state.locationId : null;
    const last = stays.at(-1);
    if (last?.vehicleId === vehicleId && last.locationId === locationId) continue;
    if (last) last.to = fact.at;
    stays.push({ vehicleId, locationId, from: fact.at, to: null });
  }
  return stays.filter(({ from, to, vehicleId, locationId }) => to !== from && (vehicleId ?? locationId) !== null);
}

/** @param ends when the shipment was delivered, returned or cancelled; null: it is under way */
export function probeStays(
  stays: readonly Stay[],
  mounts: readonly ProbeMount[],
  shipment: { id: number; from: number; ends: number | null },
): ProbeStay[] {
  const whole = { from: shipment.from, to: shipment.ends };
  const own = mounts
    .filter(({ on, id }) => on === "shipment" && id === shipment.id)
    .flatMap((mount) => overlap(mount, whole).map((time) => stayOf(mount, time)));
  const others = mounts.flatMap((mount) =>
    stays
      .filter(({ vehicleId, locationId }) => mount.id === (mount.on === "vehicle" ? vehicleId : locationId))
      .filter(() => mount.on !== "shipment")
      .flatMap((stay) => overlap(mount, stay))
      .flatMap((time) => overlap(time, whole))
      .flatMap((time) => without(time, own))
      .map((time) => stayOf(mount, time)),
  );
  return [...own, ...others].sort((a, b) => a.from - b.from || (a.deviceId < b.deviceId ? -1 : 1));
}

interface Time {
  from: number;
  to: number | null;
}

const stayOf = ({ deviceId, on }: ProbeMount, { from, to }: Time): ProbeStay => ({ deviceId, on, from, to });
const ended = (to: number | null): number => to ?? Number.POSITIVE_INFINITY;
const timeOf = (from: number, to: number): Time[] =>
  to > from ? [{ from, to: to === Number.POSITIVE_INFINITY ? null : to }] : [];

function overlap(a: Time, b: Time): Time[] {
  return timeOf(Math.max(a.from, b.from), Math.min(ended(a.to), ended(b.to)));
}

/** The parts of a time outside of others. */
function without(time: Time, others: readonly Time[]): Time[] {
  let left = [time];
  for (const other of others) {
    left = left.flatMap(({ from, to }) => [
      ...timeOf(from, Math.min(ended(to), other.from)),
      ...timeOf(Math.max(from, ended(other.to)), ended(to)),
    ]);
  }
  return left;
}
