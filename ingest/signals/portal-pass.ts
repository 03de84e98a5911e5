/**
 * Which way a tag went through a portal. A portal hears a tag with one antenna that looks inside and one that looks
 * outside. What counts is the whole pass, never a signal that still rises:
 *
 *   1. A pass is over when each antenna is past its peak: 6 dB below it, or silent for 1.5 s. A tag that comes to rest
 *      under the second antenna is past the first for 5 s.
 *   2. Each antenna must have read it at least twice, or there is no direction.
 *   3. The peak of a side is the mean time of its reads, weighted by power. Peaks less than 300 ms apart have no order.
 *   4. The side that peaked first must have fallen, or fallen silent, before the tag was last read.
 *   5. Before the first peak that side must hear the tag better than the other (each against its own peak); after the
 *      second peak the other must. So a tag that is carried to the gate and back has no direction.
 *
 * Example, outbound: the inside antenna reads −52, −42, −52 dBm at 0, 1 and 2 s, the outside antenna −56, −42, −50 dBm
 * at 1, 2 and 3 s. The inside peaks at 1.0 s and falls, the outside peaks at 2.0 s; before 1.0 s only the inside hears
 * the tag, after 2.0 s the outside hears it better: out.
 */

/** Reads of one antenna side within half a second: when the strongest came, how many there were, how strong it was (dBm). */
export type ReadBin = readonly [strongestAt: number, reads: number, dbm: number | null];

/** What one side of a portal has heard lately, in order of time. */
export type SideSignal = readonly ReadBin[];

export interface PassDirection {
  direction: "in" | "out" | "unknown";
  /** 0 to 1 */
  confidence: number;
  /** when the tag was where it went, epoch milliseconds: the peak of the side it went to */
  at: number;
}

const BIN_MS = 500;
/** A pass takes less than this, milliseconds; what was heard earlier says nothing of it. */
const PASS_MS = 20_000;
const MIN_READS = 2;
const FIRM_READS = 3;
/** Two peaks closer than this have no order, milliseconds. */
const PEAKS_APART_MS = 300;
/** A side whose signal is so far below its peak is past it, dB. */
const FALLEN_DB = 10;
/** A side that has fallen so far when reads end had its peak, dB. */
const PEAKED_DB = 2;
/** A side that is silent for so long while its reader polls is past its peak, milliseconds. */
const SILENT_MS = 2_500;
/** While the other side is still read, a silence this short is enough, milliseconds. */
const SILENT_BESIDE_MS = 1_000;
/** A tag that rests under the second antenna for so long has passed, milliseconds. */
const AT_REST_MS = 5_000;
/** Fewer reads than this in all have no direction. */
const MIN_PASS_READS = 5;
/** A side whose reads are all weaker than this, dBm … */
const WEAK_DBM = -65;
/** A side that is not heard at all counts as so far below its peak, dB. */
const UNHEARD_DB = -25;
/** By how much one side must hear it better before and after the pass, dB. */
const BETTER_DB = 2;
const CONFIDENCE = { firm: 0.9, few: 0.75, unknown: 0.5 };

export interface PortalRead {
  ts: number;
  rssi?: number | undefined;
  /** reads that the reader has summed up in this one */
  count?: number | undefined;
}

/** The side's signal with one more read. */
export function addToSignal(signal: SideSignal, { ts, rssi, count = 1 }: PortalRead): SideSignal {
  const reads = Math.max(1, count);
  const isOutdated = signal.length > 0 && signal[0]![0] <= ts - PASS_MS;
  const kept = isOutdated ? signal.filter(([at]) => at > ts - PASS_MS) : signal;
  const last = kept.at(-1);
  if (last === undefined || Math.floor(last[0] / BIN_MS) !== Math.floor(ts / BIN_MS)) {
    return [...kept, [ts, reads, rssi ?? null]];
  }
  const [at, known, dbm] = last;
  const isStronger = rssi !== undefined && dbm !== null && rssi > dbm;
  return [...kept.slice(0, -1), [isStronger ? ts : at, known + reads, isStronger ? rssi : dbm]];
}

/** A side's signal in numbers. */
interface Side {
  signal: SideSignal;
  reads: number;
  peakDbm: number | null;
  /** mean time of its reads, weighted by power; without strengths the middle of the reads */
  peakAt: number;
  lastAt: number;
  lastDbm: number | null;
}

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
  const unknown = { direction: "unknown", confidence: CONFIDENCE.unknown, at: now } as const;
  const undecided = ended ? unknown : undefined;
  if (inside.length === 0 || outside.length === 0) return undecided;
  const [into, outOf] = [sideOf(inside), sideOf(outside)];
  const isHeard = isReadEnough(into) && isReadEnough(outOf) && into.reads + outOf.reads >= MIN_PASS_READS;
  if (!isHeard || (isWeak(into) && isWeak(outOf))) return undecided;
  const goesIn = into.peakAt > outOf.peakAt;
  const [first, second] = goesIn ? [outOf, into] : [into, outOf];
  const isOver = isPast(first, now) && (isPast(second, now) || now - second.peakAt >= AT_REST_MS);
  if (!ended && !isOver) return undefined;
  if (second.peakAt - first.peakAt < PEAKS_APART_MS || !hasPeaked(first, second)) return unknown;
  const before = levelBetween(first, -Infinity, first.peakAt) - levelBetween(second, -Infinity, first.peakAt);
  const after = levelBetween(second, second.peakAt, Infinity) - levelBetween(first, second.peakAt, Infinity);
  if (before < BETTER_DB || after < BETTER_DB) return unknown;
  const isFirm = first.reads >= FIRM_READS && second.reads >= FIRM_READS;
  return {
    direction: goesIn ? "in" : "out",
    confidence: isFirm ? CONFIDENCE.firm : CONFIDENCE.few,
    at: Math.round(second.peakAt),
  };
}

function sideOf(signal: SideSignal): Side {
  let reads = 0;
  let peakDbm: number | null = null;
  for (const [, count, dbm] of signal) {
    reads += count;
    if (dbm !== null && (peakDbm === null || dbm > peakDbm)) peakDbm = dbm;
  }
  const origin = signal[0]![0];
  let weights = 0;
  let sum = 0;
  for (const [at, count, dbm] of signal) {
    const weight = peakDbm === null || dbm === null ? count : 10 ** ((dbm - peakDbm) / 10);
    weights += weight;
    sum += weight * (at - origin);
  }
  const [lastAt, , lastDbm] = signal.at(-1)!;
  return { signal, reads, peakDbm, peakAt: origin + sum / weights, lastAt, lastDbm };
}

/** A weak signal must be read once more. */
function isReadEnough(side: Side): boolean {
  return side.reads >= (isWeak(side) ? FIRM_READS : MIN_READS);
}

function isWeak({ peakDbm }: Side): boolean {
  return peakDbm !== null && peakDbm < WEAK_DBM;
}

function isPast(side: Side, now: number): boolean {
  return now - side.lastAt >= SILENT_MS || fallenDb(side) >= FALLEN_DB;
}

/** Whether the first side's signal has turned before the reads end. */
function hasPeaked(first: Side, second: Side): boolean {
  return fallenDb(first) >= PEAKED_DB || second.lastAt - first.lastAt >= SILENT_BESIDE_MS;
}

/** How far its last read is below its peak, dB; 0 without strengths. */
function fallenDb({ peakDbm, lastDbm }: Side): number {
  return peakDbm === null || lastDbm === null ? 0 : peakDbm - lastDbm;
}

/** How well a side heard the tag in a stretch of time: mean of its reads against its peak, dB; without strengths by number. */
function levelBetween({ signal, peakDbm, reads }: Side, from: number, to: number): number {
  let bins = 0;
  let sum = 0;
  let heard = 0;
  for (const [at, count, dbm] of signal) {
    if (at < from - BIN_MS / 2 || at > to + BIN_MS / 2) continue;
    bins += 1;
    heard += count;
    if (peakDbm !== null && dbm !== null) sum += dbm - peakDbm;
  }
  if (bins === 0) return UNHEARD_DB;
  return peakDbm === null ? 10 * Math.log10(heard / reads) : sum / bins;
}
