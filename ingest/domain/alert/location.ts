import { fullestOf, type Rooms } from "../stock/capacity.ts";
import { type Assessment, lowLevel } from "./condition.ts";
import { type AlertRule, concerns } from "./rule.ts";

/** One location as the rules see it: what it and everything below it hold. Times in epoch milliseconds. */
export interface AlertedLocation {
  id: number;
  rooms: Rooms;
  /** of what is there, the newest; null: nothing was measured */
  measuredAt: number | null;
  /** when its stock or its capacity was written last */
  changedAt: number;
}

/** @returns undefined where the rule does not apply, or the location has no capacity */
export function assessCapacity(rule: AlertRule, location: AlertedLocation): Assessment | undefined {
  if (rule.type !== "capacity" || !concerns(rule, location.id)) return undefined;
  const fullest = fullestOf(location.rooms);
  if (fullest === undefined) return undefined;
  const { measure, percent } = fullest;
  const { percent: limit, hold_seconds, clear_margin_percent } = rule.params;
  return {
    // Few is left free.
    level: lowLevel(100 - percent, 100 - limit, clear_margin_percent),
    since: location.measuredAt ?? location.changedAt,
    knownSince: location.changedAt,
    holdMs: hold_seconds * 1_000,
    detail: { percent: Math.round(percent * 10) / 10, measure, ...location.rooms[measure] },
    late: false,
  };
}
