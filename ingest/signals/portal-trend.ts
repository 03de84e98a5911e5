import { BESIDE_MS, isWeak, mean, nearestTo, type Side } from "./portal-side.ts";

/**
 * Which way a tag probably went through a portal, when the pass is over and has no sure direction because the strongest
 * reads are missing: a passive tag answers two inquiries in three, and a reader that asks twice a second may miss four in
 * a row. This is no direction, and it moves nothing by itself. The fold weighs it against what it knows of the goods
 * (domain/shipment/tag-evidence.ts).
 *
 *   1. Both sides are loud, and each has changed by 8 dB at least: a tag that lies still, or is heard from afar, does not.
 *   2. The difference of the two sides, at times when both are read, is fitted with a straight line over time. Goods that
 *      go in are heard better outside first and better inside at the end, so the line rises; for goods that turn back at the
 *      gate it is level.
 *   3. The line must turn by 9 dB and by 1.75 standard errors, and the middle of what each side heard must have the same order.
 *
 * Example: inside minus outside is −7, +2 and +4 dB at 1, 3.3 and 4 s: it turns by 11 dB to the inside. Probably in.
 */

/** A side that a moving tag passes changes at least so much, dB. */
const MOVED_DB = 8;
/** By how much the difference must turn, dB; and in standard errors of that. */
const TURNED_DB = 9;
const TURNED_ERRORS = 1.75;
/** How much the difference of two levels varies, standard deviation, dB. */
const DIFFERENCE_ERROR_DB = 4.2;
const MIN_PAIRS = 3;
/** The middles of the two sides are at least this far apart, milliseconds. */
const MIDDLES_APART_MS = 300;
/** Below the weakest read of a side, dB: its weight is not nothing. */
const FLOOR_DB = 3;

export function likelyDirection(inside: Side, outside: Side): "in" | "out" | undefined {
  if (!isMoving(inside) || !isMoving(outside)) return undefined;
  const pairs = pairsOf(inside, outside);
  if (pairs.length < MIN_PAIRS) return undefined;
  const [middleAt, middleDb] = [mean(pairs.map(([at]) => at)), mean(pairs.map(([, db]) => db))];
  let spread = 0;
  let turning = 0;
  for (const [at, db] of pairs) {
    spread += (at - middleAt) ** 2;
    turning += (at - middleAt) * (db - middleDb);
  }
  if (spread === 0) return undefined;
  const times = pairs.map(([at]) => at);
  const turnedDb = (turning / spread) * (Math.max(...times) - Math.min(...times));
  const errors = turning / Math.sqrt(spread) / DIFFERENCE_ERROR_DB;
  if (Math.abs(turnedDb) < TURNED_DB || Math.abs(errors) < TURNED_ERRORS) return undefined;
  const laterInside = middleOf(inside) - middleOf(outside);
  if (turnedDb > 0) return laterInside >= MIDDLES_APART_MS ? "in" : undefined;
  return laterInside <= -MIDDLES_APART_MS ? "out" : undefined;
}

function isMoving(side: Side): boolean {
  return side.peakDbm !== null && !isWeak(side) && side.peakDbm - weakestDbm(side) >= MOVED_DB;
}

function weakestDbm({ signal }: Side): number {
  return Math.min(...signal.map(([, , dbm]) => dbm ?? Infinity));
}

/** Inside minus outside, dB, at the times when both were read. */
function pairsOf(inside: Side, outside: Side): [at: number, db: number][] {
  const pairs = new Map<number, number>();
  for (const [side, other, sign] of [
    [inside, outside, 1],
    [outside, inside, -1],
  ] as const) {
    for (const [at, , dbm] of side.signal) {
      const [besideAt, , besideDbm] = nearestTo(other.signal, at);
      if (Math.abs(besideAt - at) > BESIDE_MS) continue;
      pairs.set((at + besideAt) / 2, sign * (dbm! - besideDbm!));
    }
  }
  return [...pairs];
}

/** Mean time of a side's reads weighted by decibels: one missing peak does not move it far, as it does with power. */
function middleOf(side: Side): number {
  const floorDbm = weakestDbm(side) - FLOOR_DB;
  const origin = side.signal[0]![0];
  let weights = 0;
  let sum = 0;
  for (const [at, , dbm] of side.signal) {
    weights += dbm! - floorDbm;
    sum += (dbm! - floorDbm) * (at - origin);
  }
  return origin + sum / weights;
}
