import type { Assessment } from "./condition.ts";
import type { AlertRule } from "./rule.ts";

/** What tells other systems, and does not get on now. Where all is well there is none. Times in epoch milliseconds. */
export interface AlertedIntegration {
  /** `webhook-7`, `follower-mqtt`, `missed-mqtt`, `erp-3`, `epcis-` and the id of a subscription, or `events`: the relay itself */
  id: string;
  /** for people */
  name: string;
  /** since when it fails, or is behind */
  since: number;
  /** what went wrong last; null: it is only behind */
  problem: string | null;
  /** the platform has turned it off: nothing is tried any longer */
  isOff: boolean;
}

/** @returns undefined where the rule does not apply */
export function assessIntegration(
  rule: AlertRule,
  { name, since, problem, isOff }: AlertedIntegration,
): Assessment | undefined {
  if (rule.type !== "integration_failing" || rule.locationIds !== null) return undefined;
  return {
    level: "raised",
    since,
    knownSince: since,
    holdMs: isOff ? 0 : rule.params.minutes * 60_000,
    detail: { name, problem, off: isOff },
    late: false,
  };
}
