import type { Pool, PoolClient } from "pg";
import { type Moment, openings } from "../../../ingest/domain/alert/dry-run.ts";
import { assessCapacity } from "../../../ingest/domain/alert/location.ts";
import type { AlertRule } from "../../../ingest/domain/alert/rule.ts";
import { MEASURES, type Measure, type Room } from "../../../ingest/domain/stock/capacity.ts";
import { capacityHistories, type CapacityHistory, MOST, type Occurrence } from "./history-queries.ts";

const DAY_MS = 86_400_000;
export const CAPACITY_NOTE = "by the recorded movements, with today's capacities, volumes and weights";

/** When locations would have been too full by a rule for them. */
export async function capacityOccurrences(
  db: Pool | PoolClient,
  rule: AlertRule,
  days: number,
  locationIds: readonly number[] | null,
  now: number,
): Promise<{ list: Occurrence[]; complete: boolean }> {
  const list: Occurrence[] = [];
  let complete = true;
  let moves = 0;
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: CapacityHistory[] = await capacityHistories(db, days, locationIds, after);
    for (const location of page) {
      list.push(...fillings(rule, location, now - days * DAY_MS, now));
      if (location.moves.length >= MOST.movesOfLocation) complete = false;
      moves += location.moves.length;
    }
    after = page.length < MOST.locationsAtOnce ? undefined : page.at(-1)!.id;
    if (after !== undefined && moves >= MOST.facts) return { list, complete: false };
  }
  return { list, complete };
}

function fillings(rule: AlertRule, { id, rooms, moves }: CapacityHistory, from: number, now: number): Occurrence[] {
  const used = { units: rooms.units.used, litres: rooms.litres.used, kilograms: rooms.kilograms.used };
  const add = (move: Readonly<Record<Measure, number>>, sign: 1 | -1) => {
    for (const measure of MEASURES) used[measure] += sign * move[measure];
  };
  const roomOf = (measure: Measure): Room => ({ capacity: rooms[measure].capacity, used: used[measure] });
  const momentAt = (at: number): Moment => {
    const then = { units: roomOf("units"), litres: roomOf("litres"), kilograms: roomOf("kilograms") };
    return { at, assessment: assessCapacity(rule, { id, rooms: then, measuredAt: at, changedAt: at }) };
  };
  // Back to what was there before the first of them.
  for (const move of moves) add(move, -1);
  const moments = [momentAt(Math.min(from, moves[0]?.at ?? from))];
  for (const move of moves) {
    add(move, 1);
    moments.push(momentAt(move.at));
  }
  return openings(moments, now).map((at) => ({ subject: `location:${id}`, at: new Date(at) }));
}
