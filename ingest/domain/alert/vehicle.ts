import { type Assessment, highLevel } from "./condition.ts";
import type { AlertedFact } from "./events.ts";
import type { Manoeuvre } from "../vehicle/manoeuvres.ts";
import { type AlertRule, concerns } from "./rule.ts";

/** One arrival or departure of a vehicle. */
export interface VehicleFact extends AlertedFact {
  type: "arrived" | "departed";
  locationId: number;
}

/** A harsh manoeuvre. */
export interface HarshFact extends AlertedFact {
  manoeuvre: Manoeuvre;
  /** how hard, g; null: the device has not told */
  g: number | null;
}

/** One vehicle as the rules see it. */
export interface AlertedVehicle {
  id: number;
  /** arrivals and departures of the last weeks, by id */
  facts: readonly VehicleFact[];
  /** harsh manoeuvres of the last weeks, by id */
  harsh: readonly HarshFact[];
  /** its newest fix that tells a speed, in metres per second; times in epoch milliseconds */
  moving: { speed: number; at: number; receivedAt: number; deviceId: string } | null;
}

/** The facts that a rule for geofences is about; undefined: it is another rule. */
export function crossingsOf(rule: AlertRule, { facts }: AlertedVehicle): VehicleFact[] | undefined {
  if (rule.type !== "geofence") return undefined;
  const { on } = rule.params;
  return facts.filter((fact) => (on === "both" || fact.type === on) && concerns(rule, fact.locationId));
}

/** The harsh manoeuvres that a rule is about; of a rule with locations those at one of them. undefined: it is another rule */
export function harshDrivingOf(rule: AlertRule, { facts, harsh }: AlertedVehicle): AlertedFact[] | undefined {
  if (rule.type !== "harsh_driving") return undefined;
  const { on, min_g } = rule.params;
  return harsh.flatMap((fact) => {
    if ((on !== "any" && fact.manoeuvre !== on) || (fact.g !== null && fact.g < min_g)) return [];
    const last = lastCrossing(facts.filter(({ at }) => at <= fact.at));
    const locationId = last?.type === "arrived" ? last.locationId : null;
    return concerns(rule, locationId) ? [{ ...fact, detail: { ...fact.detail, location_id: locationId } }] : [];
  });
}

/** @returns undefined where the rule does not apply */
export function assessDwell(rule: AlertRule, vehicle: AlertedVehicle): Assessment | undefined {
  if (rule.type !== "dwell") return undefined;
  const last = lastCrossing(vehicle.facts);
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
  const last = lastCrossing(vehicle.facts);
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

const lastCrossing = (facts: readonly VehicleFact[]): VehicleFact | undefined =>
  facts
    .filter(({ isWithdrawn }) => !isWithdrawn)
    .toSorted((a, b) => a.at - b.at || a.id - b.id)
    .at(-1);
