import { type Assessment, highLevel } from "./condition.ts";
import type { AlertRule } from "./rule.ts";

/** What one source sent that could not be taken. */
export interface AlertedSource {
  /** a device; null: all devices that are not registered */
  deviceId: string | null;
  /** messages of the present hour or of the one before, the larger */
  messages: number;
  /** beginning of that hour, epoch milliseconds */
  hour: number;
}

/** Half as many in two hours together end it. @returns undefined where the rule does not apply */
export function assessQuarantine(rule: AlertRule, { messages, hour }: AlertedSource): Assessment | undefined {
  if (rule.type !== "quarantine_rising" || rule.locationIds !== null) return undefined;
  const limit = rule.params.per_hour;
  return {
    level: highLevel(messages, limit - 1, limit / 2),
    since: hour,
    knownSince: hour,
    holdMs: 0,
    detail: { messages, hour: new Date(hour).toISOString() },
    late: false,
  };
}
