import { type Assessment, highLevel } from "./condition.ts";
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
  /** its newest fix that tells a speed, in metres per second; times in epoch milliseconds */
  moving: { speed: number; at: number; receivedAt: number; deviceId: string } | null;
}

/** The facts that a rule for geofences is about; undefined: it is another rule. */
export function crossingsOf(rule: AlertRule, { facts }: AlertedVehicle): VehicleFact[] | undefined {
  if (rule.type !== "geofence") return undefined;
  const { on } = rule.params;
  return facts.filter((fact) => (on === "both" || fact.type === on) && concerns(rule, fact.locationId));
}

/** @returns undefined where the rule does not apply */
export function assessDwell(rule: AlertRule, vehicle: AlertedVehicle): Assessment | undefined {
  if (rule.type !== "dwell") return undefined;
  const last = lastCrossing(vehicle);
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

/** Of a rule with locations: while the vehicle is at one of them. @returns undefined where the rule does not apply */
export function assessSpeed(rule: AlertRule, vehicle: AlertedVehicle): Assessment | undefined {
  if (rule.type !== "overspeed" || vehicle.moving === null) return undefined;
  const last = lastCrossing(vehicle);
  const locationId = last?.type === "arrived" ? last.locationId : null;
  if (!concerns(rule, locationId)) return undefined;
  const { speed, at, receivedAt, deviceId } = vehicle.moving;
  const { kmh, hold_seconds, clear_margin_kmh } = rule.params;
  return {
    level: highLevel(speed * KMH_PER_M_PER_S, kmh, clear_margin_kmh),
    since: at,
    knownSince: receivedAt,
    holdMs: hold_seconds * 1_000,
    detail: { kmh: Math.round(speed * KMH_PER_M_PER_S), limit_kmh: kmh, location_id: locationId, device_id: deviceId },
    late: false,
  };
}

const KMH_PER_M_PER_S = 3.6;

const lastCrossing = ({ facts }: AlertedVehicle): VehicleFact | undefined =>
  facts
    .filter(({ isWithdrawn }) => !isWithdrawn)
    .toSorted((a, b) => a.at - b.at || a.id - b.id)
    .at(-1);
