import type { Assessment } from "./condition.ts";
import type { AlertedFact } from "./events.ts";
import { type AlertRule, concerns } from "./rule.ts";

/** One arrival or departure of a vehicle. */
export interface VehicleFact extends AlertedFact {
  type: "arrived" | "departed";
  locationId: number;
}

/** One vehicle as the rules see it. */
export interface AlertedVehicle {
  id: number;
  /** arrivals and departures of the last weeks, by id */
  facts: readonly VehicleFact[];
}

/** The facts that a rule for geofences is about; undefined: it is another rule. */
export function crossingsOf(rule: AlertRule, { facts }: AlertedVehicle): VehicleFact[] | undefined {
  if (rule.type !== "geofence") return undefined;
  const { on } = rule.params;
  return facts.filter((fact) => (on === "both" || fact.type === on) && concerns(rule, fact.locationId));
}

/** @returns undefined where the rule does not apply */
export function assessDwell(rule: AlertRule, { facts }: AlertedVehicle): Assessment | undefined {
  if (rule.type !== "dwell") return undefined;
  const last = facts
    .filter(({ isWithdrawn }) => !isWithdrawn)
    .toSorted((a, b) => a.at - b.at || a.id - b.id)
    .at(-1);
  if (last?.type !== "arrived" || !concerns(rule, last.locationId)) return undefined;
  return {
    level: "raised",
    since: last.at,
    knownSince: last.at,
    holdMs: rule.params.minutes * 60_000,
    detail: { location_id: last.locationId, minutes: rule.params.minutes },
    late: last.late,
  };
}
