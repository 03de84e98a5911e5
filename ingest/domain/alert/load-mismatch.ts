import type { VerifiedHandling, VerifiedUnit } from "../trip/verified.ts";
import type { Assessment } from "./condition.ts";
import { type AlertRule, concerns } from "./rule.ts";

/** One stop of a trip as the rules see it. Times in epoch milliseconds. */
export interface AlertedTripStop {
  tripId: number;
  /** from 1 */
  sequence: number;
  locationId: number;
  /** when the vehicle left it, or was known not to stop there; null: neither yet */
  finalAt: number | null;
  /** the trip says of some goods where they are loaded or unloaded; without that, nothing is otherwise than planned */
  plansGoods: boolean;
  load: Pick<VerifiedHandling, "missing" | "extra">;
  unload: Pick<VerifiedHandling, "missing" | "extra">;
  /** of the shipments that are named */
  trackingNumbers: ReadonlyMap<number, string>;
}

/** What is wrong with a unit. */
export type Mismatch = "not_loaded" | "not_unloaded" | "loaded_unplanned" | "unloaded_unplanned";

/** So many units are named; of all of them the numbers tell. */
const MAX_NAMED = 50;

/**
 * Raised once the vehicle has left and something is missing or extra; clear when a later fact, or a void, mends it.
 * @returns undefined where the rule does not apply
 */
export function assessLoad(rule: AlertRule, stop: AlertedTripStop): Assessment | undefined {
  const { tripId, sequence, locationId, finalAt, plansGoods, load, unload, trackingNumbers } = stop;
  if (rule.type !== "load_mismatch" || finalAt === null || !concerns(rule, locationId)) return undefined;
  const units = [
    ...load.missing.map(named("not_loaded")),
    ...unload.missing.map(named("not_unloaded")),
    ...load.extra.map(named("loaded_unplanned")),
    ...unload.extra.map(named("unloaded_unplanned")),
  ];
  const ids = new Set(units.flatMap(({ shipment_id: id }) => id ?? []));
  return {
    level: units.length === 0 || !plansGoods ? "clear" : "raised",
    since: finalAt,
    knownSince: finalAt,
    holdMs: rule.params.hold_seconds * 1_000,
    detail: {
      trip_id: tripId,
      sequence,
      missing: load.missing.length + unload.missing.length,
      extra: load.extra.length + unload.extra.length,
      shipment_ids: [...ids],
      units: units.slice(0, MAX_NAMED).map((unit) => ({
        ...unit,
        tracking_number: (unit.shipment_id === null ? undefined : trackingNumbers.get(unit.shipment_id)) ?? null,
      })),
    },
    late: false,
  };
}

const named =
  (what: Mismatch) =>
  ({ shipmentId, sscc, epc }: VerifiedUnit) => ({ what, shipment_id: shipmentId, sscc, epc });
