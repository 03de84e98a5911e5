import { type Assessment, highLevel, type Level, lowLevel } from "./condition.ts";
import { type AlertRule, concerns } from "./rule.ts";

/** One stock position as the rules see it. Quantities in base units, times in epoch milliseconds. */
export interface AlertedStock {
  id: number;
  locationId: number;
  condition: string;
  quantity: number;
  /** for sale now */
  available: number;
  /** available, and what is ordered and on its way */
  projected: number;
  reorderPoint: number;
  /** null: nobody has counted yet */
  measuredAt: number | null;
  /** when the row was written last */
  changedAt: number;
  /** the level follows from late data */
  late: boolean;
  /** the open cycle count that sensors have asked for */
  count: OpenCount | null;
}

export interface OpenCount {
  id: number;
  reason: string;
  openedAt: number;
  /** since when something is wrong; null: not known */
  differsSince: number | null;
  suspect: string | null;
  detail: string | null;
  deviceId: string | null;
}

/** @returns undefined where the rule does not apply */
export function assessStock(rule: AlertRule, stock: AlertedStock): Assessment | undefined {
  if (!concerns(rule, stock.locationId)) return undefined;
  if (rule.type === "count_mismatch") return assessCount(stock);
  if (stock.measuredAt === null || stock.condition !== "good") return undefined;
  const { quantity, available, projected, reorderPoint } = stock;
  const found = { quantity, available, projected, reorder_point: reorderPoint };
  const of = (level: Level, holdSeconds: number): Assessment => ({
    level,
    since: stock.measuredAt!,
    knownSince: stock.changedAt,
    holdMs: holdSeconds * 1_000,
    detail: found,
    late: stock.late,
  });
  switch (rule.type) {
    case "low_stock": {
      if (reorderPoint === 0) return undefined;
      const { hold_seconds, clear_margin_percent } = rule.params;
      return of(lowLevel(projected, reorderPoint, marginOf(reorderPoint, clear_margin_percent)), hold_seconds);
    }
    case "out_of_stock": {
      if (rule.params.only_with_reorder_point && reorderPoint === 0) return undefined;
      return of(lowLevel(available, 0, 0), rule.params.hold_seconds);
    }
    case "overstock": {
      if (reorderPoint === 0) return undefined;
      const { times_reorder_point, hold_seconds, clear_margin_percent } = rule.params;
      const limit = times_reorder_point * reorderPoint;
      return of(highLevel(quantity, limit, marginOf(limit, clear_margin_percent)), hold_seconds);
    }
    default:
      return undefined;
  }
}

/** One piece at least: a level that moves by one piece about its limit is one alert. */
const marginOf = (limit: number, percent: number): number => Math.max(1, (limit * percent) / 100);

function assessCount({ count, changedAt }: AlertedStock): Assessment {
  const at = count?.differsSince ?? count?.openedAt ?? changedAt;
  return {
    level: count === null ? "clear" : "raised",
    since: at,
    knownSince: count?.openedAt ?? changedAt,
    holdMs: 0,
    detail:
      count === null
        ? {}
        : {
            cycle_count_id: count.id,
            reason: count.reason,
            suspect: count.suspect,
            device_id: count.deviceId,
            found: count.detail,
          },
    late: false,
  };
}
