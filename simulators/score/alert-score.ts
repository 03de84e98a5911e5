import { possibleQuantities, type Quantities, STEP_MS } from "./shelf-score.ts";

/** The alerts that are scored, and how long a level must be at its limit before each opens, milliseconds. */
const HOLD_MS = { out_of_stock: 0, low_stock: 60_000 } as const;
export type ScoredAlert = keyof typeof HOLD_MS;
export const SCORED_ALERTS = Object.keys(HOLD_MS) as ScoredAlert[];

const NOTHING: OnItsWay = { pieces: 0, times: 0 };

/** An alert follows the level that shows its cause within this time, milliseconds of real time. */
export const ALERT_MS = 2_000;

/** An alert as the live stream shows it. */
export interface AlertRow {
  id: number;
  type: string;
  state: string;
  inventory_item_id: number | null;
  /** by time of measurement, ISO 8601 */
  happened_at: string;
}

export interface AlertKindScore {
  /** times that a level stayed at its limit for longer than the alert may take, or was alerted */
  causes: number;
  inTime: number;
  missing: number;
  /** milliseconds from the end of the hold; null: there was none */
  slowestMs: number | null;
}

export interface AlertScore {
  kinds: Record<ScoredAlert, AlertKindScore>;
  /** alerts of shelves that truly had enough */
  falsely: number;
  findings: string[];
}

export interface AlertEvaluator {
  /** A stock position as the live stream shows it. @param now milliseconds of real time */
  addLiveStock(stock: { shelf: number; stockId: number; available: number }, now: number): void;
  addAlert(row: AlertRow, now: number): void;
  result(now: number): AlertScore;
}

/** What is on its way to a shelf counts as if it was there, when it is asked whether the shelf is short. */
export interface OnItsWay {
  pieces: number;
  /** how often goods were sent there, ever */
  times: number;
}

interface Watched {
  /** since when the stream shows the level at its limit, milliseconds of real time; undefined: it does not */
  since: number | undefined;
  /** how often goods had been sent there by then */
  times: number;
  /** id of the alert that is not over */
  alert: number | undefined;
}

/**
 * Scores the alerts of shelves: each comes, in time, and none without a cause. A level and its alert come by the same stream,
 * so the time between them is that of the alert alone, also in a world that runs faster than the clock.
 * @param clockErrorMs by how much the clock of a scale may be wrong, milliseconds
 */
export function createAlertEvaluator(
  truthOf: (shelf: number) => Quantities,
  reorderPointOf: (shelf: number) => number,
  onItsWayTo: (shelf: number) => OnItsWay,
  clockErrorMs = 0,
): AlertEvaluator {
  const kind = (): AlertKindScore => ({ causes: 0, inTime: 0, missing: 0, slowestMs: null });
  const score: AlertScore = { kinds: { out_of_stock: kind(), low_stock: kind() }, falsely: 0, findings: [] };
  const watched = new Map<string, Watched>();
  const shelves = new Map<number, number>();
  /** of positions that the stream has not shown yet: it shows a level at most once a second, and an alert at once */
  const early = new Map<number, AlertRow[]>();
  const limitOf = (type: ScoredAlert, shelf: number) => (type === "out_of_stock" ? 0 : reorderPointOf(shelf));
  const watch = (type: ScoredAlert, stockId: number): Watched => {
    const key = `${type} ${stockId}`;
    const known = watched.get(key) ?? { since: undefined, times: 0, alert: undefined };
    watched.set(key, known);
    return known;
  };

  /** The level was at its limit until now, and nothing was alerted. */
  const checkMissing = (type: ScoredAlert, stockId: number, { since, alert, times }: Watched, now: number): void => {
    if (since === undefined || alert !== undefined || now - since <= HOLD_MS[type] + ALERT_MS) return;
    if (type === "low_stock" && onItsWayTo(shelves.get(stockId)!).times !== times) return;
    score.kinds[type].causes += 1;
    score.kinds[type].missing += 1;
    score.findings.push(
      `shelf ${shelves.get(stockId)}: no ${type} alert although its level was at the limit for ${Math.round((now - since) / 1_000)} s`,
    );
  };

  const checkFalse = (type: ScoredAlert, shelf: number, happenedAt: number): void => {
    const from = happenedAt - HOLD_MS[type] - clockErrorMs;
    const possible = possibleQuantities(truthOf(shelf), from, happenedAt + STEP_MS + clockErrorMs);
    if (possible.some((truth) => truth <= limitOf(type, shelf))) return;
    score.falsely += 1;
    score.findings.push(`shelf ${shelf} at ${new Date(happenedAt).toISOString().slice(11, 19)}: falsely ${type}`);
  };

  const addAlert = (row: AlertRow, now: number): void => {
    const { id, type, state, inventory_item_id: stockId, happened_at } = row;
    const scored = SCORED_ALERTS.find((name) => name === type);
    if (scored === undefined || stockId === null) return;
    const shelf = shelves.get(stockId);
    if (shelf === undefined) {
      early.set(stockId, [...(early.get(stockId) ?? []), row]);
      return;
    }
    const known = watch(scored, stockId);
    if (state === "resolved") {
      if (known.alert !== id) return;
      known.alert = undefined;
      // The level is about to be shown.
      known.since = undefined;
      return;
    }
    if (known.alert === id) return;
    known.alert = id;
    const lateMs = Math.max(0, now - (known.since ?? now) - HOLD_MS[scored]);
    const of = score.kinds[scored];
    of.causes += 1;
    if (lateMs <= ALERT_MS) of.inTime += 1;
    else score.findings.push(`shelf ${shelf}: ${scored} alert ${Math.round(lateMs)} ms after its cause`);
    of.slowestMs = Math.max(of.slowestMs ?? 0, lateMs);
    checkFalse(scored, shelf, Date.parse(happened_at));
  };

  return {
    addLiveStock({ shelf, stockId, available }, now) {
      shelves.set(stockId, shelf);
      const waiting = early.get(stockId) ?? [];
      early.delete(stockId);
      for (const row of waiting) addAlert(row, now);
      for (const type of SCORED_ALERTS) {
        const known = watch(type, stockId);
        const { pieces, times } = type === "low_stock" ? onItsWayTo(shelf) : NOTHING;
        if (available + pieces <= limitOf(type, shelf)) {
          if (known.times !== times) known.since = undefined;
          known.since ??= now;
          known.times = times;
        } else {
          checkMissing(type, stockId, known, now);
          known.since = undefined;
        }
      }
    },
    addAlert,
    result(now) {
      for (const [key, known] of watched) {
        const [type, stockId] = key.split(" ") as [ScoredAlert, string];
        checkMissing(type, Number(stockId), known, now);
      }
      return score;
    },
  };
}
