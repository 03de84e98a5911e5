import type { InventoryItem, StockEvent } from "../../state/resources.ts";

/** The level from `atMs` on, until the next point. */
export interface LevelPoint {
  atMs: number;
  quantity: number;
}

type Step = { set: number } | { add: number } | undefined;

/**
 * What an event does to the level. A count of the source that governs, or of a person, sets it; an adjustment adds to it,
 * unless a governing sensor has counted since the last person: that sensor sees by itself what was taken or put.
 */
function stepsOf(item: InventoryItem, events: readonly StockEvent[]): Step[] {
  let sensorCounts = item.source !== "ledger";
  return events.map(({ type, source, quantity, change }): Step => {
    if (type === "counted" && quantity !== null && (source === item.source || source === "person")) {
      sensorCounts = source !== "person" && item.source !== "ledger";
      return { set: quantity };
    }
    return (type === "adjusted" || type === "lot_counted") && change !== null && !sensorCounts
      ? { add: change }
      : undefined;
  });
}

/** What the level was before the first of these events; undefined where they do not tell. */
function levelBefore(item: InventoryItem, events: readonly StockEvent[], steps: readonly Step[]): number | undefined {
  const at = steps.findIndex((step) => step !== undefined && "set" in step);
  if (at === -1) {
    // Without a count, the level now and the adjustments before it tell.
    const added = steps.reduce((sum, step) => sum + (step !== undefined && "add" in step ? step.add : 0), 0);
    return item.measured_at === null ? undefined : item.quantity - added;
  }
  const { quantity, change } = events[at]!;
  const isFirstStep = steps.slice(0, at).every((step) => step === undefined);
  return isFirstStep && quantity !== null && change !== null ? quantity - change : undefined;
}

/**
 * The level over time, oldest point first, as far as it is known: else it begins with the first count.
 * @param fromMs begin of the span, epoch milliseconds
 * @param events oldest first: all from then until now
 */
export function levelHistory(item: InventoryItem, fromMs: number, events: readonly StockEvent[]): LevelPoint[] {
  const steps = stepsOf(item, events);
  const points: LevelPoint[] = [];
  let level = levelBefore(item, events, steps);
  const add = (atMs: number) => {
    if (level !== undefined) points.push({ atMs, quantity: Math.max(0, level) });
  };
  add(fromMs);
  for (const [index, step] of steps.entries()) {
    if (step === undefined) continue;
    if ("set" in step) level = step.set;
    else if (level !== undefined) level += step.add;
    add(Date.parse(events[index]!.at));
  }
  return points;
}
