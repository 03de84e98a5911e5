import { lateLevel } from "../eta/lateness.ts";
import type { Assessment } from "./condition.ts";
import type { AlertRule } from "./rule.ts";
import { type AlertedShipment, concernsShipment, isClosed } from "./shipment.ts";

/**
 * A shipment with a promise is late when its estimate says so, with the rule's times, or when the promise has passed and it is not
 * delivered. While nothing is known of its arrival, it stays what it was.
 * @returns undefined where the rule does not apply
 */
export function assessLate(rule: AlertRule, shipment: AlertedShipment): Assessment | undefined {
  if (rule.type !== "late") return undefined;
  const { dueAt, now, p50, p90, positionAt, pastDueSince, basis, runs } = shipment.promise;
  if (dueAt === null || isClosed(shipment) || !concernsShipment(rule, shipment)) return undefined;
  const isOverdue = now >= dueAt;
  const { hold_minutes: holdMinutes, at_once_minutes: atOnceMinutes, clear_margin_minutes } = rule.params;
  const limits = { holdMinutes, atOnceMinutes, clearMarginMinutes: clear_margin_minutes };
  const expected =
    p50 === null || positionAt === null ? "between" : lateLevel({ dueAt, p50, positionAt, pastDueSince }, limits);
  const since = isOverdue ? Math.min(pastDueSince ?? dueAt, dueAt) : (pastDueSince ?? positionAt ?? now);
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    level: isOverdue ? "raised" : expected,
    since,
    knownSince: since,
    holdMs: 0,
    detail: {
      cause: isOverdue ? "overdue" : "estimate",
      due_at: iso(dueAt),
      eta: iso(p50),
      eta_p90: iso(p90),
      minutes_late: p50 === null ? null : Math.round((p50 - dueAt) / 60_000),
      basis,
      runs,
      position_at: iso(positionAt),
    },
    late: false,
  };
}
