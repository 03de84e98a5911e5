import { TAG_CONFIDENCE } from "../domain/tag-confidence.ts";
import {
  BESIDE_MS,
  BIN_MS,
  MIN_READS,
  fallenDb,
  FIRM_READS,
  isPast,
  isReadEnough,
  isWeak,
  mean,
  nearestTo,
  peakAboveMeanDb,
  type Side,
  sideOf,
  type SideSignal,
} from "./portal-side.ts";
import { likelyDirection } from "./portal-trend.ts";

/**
 * Which way a tag went through a portal. A portal hears a tag with one antenna that looks inside and one that looks
 * outside. What counts is the whole pass, never a signal that still rises:
 *
 *   1. A pass is over when each antenna is past its peak: 10 dB below it, or silent for 2.5 s. A tag that comes to rest
 *      under the second antenna is past the first for 5 s.
 *   2. Each antenna must have read it at least twice, and both together five times and once a second, or there is no
 *      direction: what is read seldom stands about.
 *   3. The peak of a side is the mean time of its reads, weighted by power. Peaks less than 300 ms apart have no order.
 *   4. The side that peaked first must have fallen, or fallen silent while the other is read on, before the tag was last read.
 *   5. The tag must have changed sides. Up to the first peak the first side hears it better than the second, from the
 *      second peak on the second side does: by 9 dB in sum, and by more if there are few reads. Reads of about the same
 *      time are compared where there are some. So a tag that is carried to the gate and back has no direction, and a side that
 *      missed its own peak does not spoil the sum.
 *   6. A tag that both sides have read for 12 s stands about, a parked pallet for example: by chance one of its reads is strong
 *      and the next ones are weak. It has passed only if the peak of each side stands out by 7 dB of what else the side hears, or
 *      if it rests where it went, the second side has risen so much.
 *   7. A pass that is over and has no direction may still lean to one (portal-trend.ts).
 *
 * Example, outbound: the inside antenna reads −52, −42, −52 dBm at 0, 1 and 2 s, the outside antenna −56, −42, −50 dBm
 * at 1, 2 and 3 s. The inside peaks at 1.0 s and falls, the outside peaks at 2.0 s; up to 1.0 s the inside hears the tag
 * 14 dB better, from 2.0 s on the outside 10 dB better: out.
 */

export interface PassDirection {
  direction: "in" | "out" | "unknown";
  /** of `unknown`: which way it probably went */
  likely?: "in" | "out";
  /** 0 to 1 */
  confidence: number;
  /** when the tag was where it went, epoch milliseconds: the peak of the side it went to */
  at: number;
}

/** Two peaks closer than this have no order, milliseconds. */
const PEAKS_APART_MS = 300;
/** A side that has fallen so far when reads end had its peak, dB. */
const PEAKED_DB = 2;
/** While the other side is still read, a silence this short is enough, milliseconds. */
const SILENT_BESIDE_MS = 1_000;
/** … or so many reads of it: a passive tag does not answer three inquiries in a row once in 25 times. */
const READ_ON_WITHOUT = 3;
/** A tag that rests under the second antenna for so long has passed, milliseconds. */
const AT_REST_MS = 5_000;
/** Fewer reads than this in all, or fewer in a second, have no direction. */
const MIN_PASS_READS = 5;
const MIN_READS_PER_S = 1;
/** By how much the difference between the sides must turn round, dB; and in standard errors of that difference. */
const TURNED_DB = 9;
const TURNED_ERRORS = 2.5;
/** How much the level of one half second varies, standard deviation, dB. */
const LEVEL_ERROR_DB = 3;
/** Of each end of the pass: the side that should be better there is not worse than this, each against its own peak, dB. */
const WORSE_DB = -4;
/** A side that is not heard, while the other is twice, counts as so much weaker, dB. */
const UNHEARD_DB = 6;
/** A tag that both sides have read for so long stands about, milliseconds; its peaks must stand out by so much, dB. */
const STANDS_ABOUT_MS = 12_000;
const STANDS_OUT_DB = 7;
/** The variance of what rests on a side that was not heard, in levels. */
const UNHEARD_VARIANCE = 0.5;
/** Without strengths: by how much one side must hear it better before and after the pass, dB; a side not heard is so far below. */
const BETTER_DB = 2;
const UNHEARD_OF_OFTEN_DB = -25;

/**
 * The direction of a pass that is over.
 * @param now time of the newest read of either side, epoch milliseconds
 * @param ended whether the tag is gone: no further read will come
 * @returns undefined while the pass goes on
 */
export function directionOfPass(
  inside: SideSignal,
  outside: SideSignal,
  now: number,
  ended: boolean,
): PassDirection | undefined {
  const unknown = { direction: "unknown", confidence: TAG_CONFIDENCE.unknown, at: now } as const;
  const undecided = ended ? unknown : undefined;
  if (inside.length === 0 || outside.length === 0) return undecided;
  const [into, outOf] = [sideOf(inside), sideOf(outside)];
  const isHeard = isReadEnough(into) && isReadEnough(outOf) && into.reads + outOf.reads >= MIN_PASS_READS;
  if (!isHeard || (isWeak(into) && isWeak(outOf))) return undecided;
  const goesIn = into.peakAt > outOf.peakAt;
  const [first, second] = goesIn ? [outOf, into] : [into, outOf];
  const isOver = isPast(first, now) && (isPast(second, now) || now - second.peakAt >= AT_REST_MS);
  if (!ended && !isOver) return undefined;
  if (!isOftenRead(first, second)) return unknown;
  const isInOrder = second.peakAt - first.peakAt >= PEAKS_APART_MS && hasPeaked(first, second);
  const isParked =
    standsAbout(first, second, now) && !(standsOut(first) && (standsOut(second) || hasRisen(second, first)));
  if (!isInOrder || isParked || !hasTurnedRound(first, second)) {
    const likely = ended && !isParked ? likelyDirection(into, outOf) : undefined;
    return likely === undefined ? unknown : { ...unknown, likely, confidence: TAG_CONFIDENCE.likely };
  }
  const isFirm = first.reads >= FIRM_READS && second.reads >= FIRM_READS;
  return {
    direction: goesIn ? "in" : "out",
    confidence: isFirm ? TAG_CONFIDENCE.pass : TAG_CONFIDENCE.seldomPass,
    at: Math.round(second.peakAt),
  };
}

/** Whether the first side's signal has turned before the reads end, or the other side is read on without it. */
function hasPeaked(first: Side, second: Side): boolean {
  const readOn = second.signal.reduce((sum, [at, reads]) => (at > first.lastAt ? sum + reads : sum), 0);
  return fallenDb(first) >= PEAKED_DB || second.lastAt - first.lastAt >= SILENT_BESIDE_MS || readOn >= READ_ON_WITHOUT;
}

/** Step 2: at least once a second from the first read to the last. */
function isOftenRead(first: Side, second: Side): boolean {
  const from = Math.min(first.signal[0]![0], second.signal[0]![0]);
  const to = Math.max(first.lastAt, second.lastAt);
  return (first.reads + second.reads) * 1000 >= MIN_READS_PER_S * (to - from);
}

/** Step 6. */
function standsAbout(first: Side, second: Side, now: number): boolean {
  return now - Math.max(first.signal[0]![0], second.signal[0]![0]) >= STANDS_ABOUT_MS;
}

/** Readers that report no strengths show no peaks. */
function standsOut(side: Side): boolean {
  return (peakAboveMeanDb(side) ?? Infinity) >= STANDS_OUT_DB;
}

/** Whether the second side hears it better since its peak than it did before the peak of the first. */
function hasRisen(second: Side, first: Side): boolean {
  const [before, after] = [binsBetween(second, -Infinity, first.peakAt), binsBetween(second, second.peakAt, Infinity)];
  const levels = [before, after].map((bins) => bins.flatMap(([, , dbm]) => (dbm === null ? [] : [dbm])));
  if (levels.some(({ length }) => length === 0)) return before.length === 0;
  return mean(levels[1]!) - mean(levels[0]!) >= STANDS_OUT_DB;
}

/** Step 5. */
function hasTurnedRound(first: Side, second: Side): boolean {
  if (first.peakDbm === null || second.peakDbm === null) return isMoreOftenReadInTurn(first, second);
  const before = compareLevels(first, second, -Infinity, first.peakAt);
  const after = compareLevels(second, first, second.peakAt, Infinity);
  const turnedDb = before.betterDb + after.betterDb;
  const errorDb = LEVEL_ERROR_DB * Math.sqrt(before.variance + after.variance);
  const peaksApartDb = first.peakDbm - second.peakDbm;
  const worst = Math.min(before.betterDb - peaksApartDb, after.betterDb + peaksApartDb);
  return turnedDb >= Math.max(TURNED_DB, TURNED_ERRORS * errorDb) && worst >= WORSE_DB;
}

/** By how much one side hears the tag better than the other in a stretch of time, dB, and the variance of that in levels. */
function compareLevels(side: Side, other: Side, from: number, to: number): { betterDb: number; variance: number } {
  const [heard, others] = [binsBetween(side, from, to), binsBetween(other, from, to)];
  const reads = heard.reduce((sum, [, count]) => sum + count, 0);
  if (heard.length === 0) return { betterDb: 0, variance: UNHEARD_VARIANCE };
  if (others.length === 0) return { betterDb: reads >= MIN_READS ? UNHEARD_DB : 0, variance: UNHEARD_VARIANCE };
  const pairs = heard.flatMap(([at, , dbm]) => {
    const beside = nearestTo(others, at);
    return Math.abs(beside[0] - at) > BESIDE_MS ? [] : [dbm! - beside[2]!];
  });
  if (pairs.length > 0) return { betterDb: mean(pairs), variance: 2 / pairs.length };
  const [level, beside] = [heard, others].map((bins) => mean(bins.map(([, , dbm]) => dbm!)));
  return { betterDb: level! - beside!, variance: 1 / heard.length + 1 / others.length };
}

/** What a side heard in a stretch of time, half a bin more at either end. */
function binsBetween({ signal }: Side, from: number, to: number): SideSignal {
  return signal.filter(([at]) => at >= from - BIN_MS / 2 && at <= to + BIN_MS / 2);
}

/** Step 5 of readers that report no strengths: before the first peak one side, after the second the other has more reads. */
function isMoreOftenReadInTurn(first: Side, second: Side): boolean {
  const before = shareBetween(first, -Infinity, first.peakAt) - shareBetween(second, -Infinity, first.peakAt);
  const after = shareBetween(second, second.peakAt, Infinity) - shareBetween(first, second.peakAt, Infinity);
  return before >= BETTER_DB && after >= BETTER_DB;
}

/** How much of a side's reads fall into a stretch of time, dB. */
function shareBetween(side: Side, from: number, to: number): number {
  const heard = binsBetween(side, from, to).reduce((sum, [, count]) => sum + count, 0);
  return heard === 0 ? UNHEARD_OF_OFTEN_DB : 10 * Math.log10(heard / side.reads);
}
