import { isWeak, SILENT_MS, type Side, type SideSignal } from "./portal-side.ts";

/**
 * Which way a tag probably went through a portal, when the pass is over and has no sure direction because the strongest
 * reads are missing: a passive tag answers two inquiries in three, and a reader that asks twice a second may miss four in
 * a row. This is no direction, and it moves nothing by itself. The fold weighs it against what it knows of the goods
 * (domain/shipment/tag-evidence.ts).
 *
 *   1. Both sides are loud, and each has changed by 8 dB at least: a tag that lies still, or is heard from afar, does not.
 *   2. What each side heard is fitted with the signal of a tag that goes by: its power falls with the fourth power of the
 *      distance, as that of a passive tag does, and it goes past both sides at the same speed. A read that is missing says
 *      nothing.
 *   3. Both sides hear a tag that is beside them about equally well: a peak that nobody has read is not much weaker than the other.
 *   4. The tag went in if the outside's peak comes first by half a second at least, that fits the reads well, and what else it may have
 *      done fits much worse: to go the other way, or to turn back at the gate, when both peaks come at once.
 *
 * Example: the inside antenna reads −66, −56, −47, −44 and −50 dBm at −1, 0, 1, 1.5 and 3.5 s, the outside one −54, −57 and
 * −65 dBm at 1.5, 2 and 3 s. When the inside peaks, about 1.9 s, the outside has long been falling: probably in.
 */

/** A side that a moving tag passes changes at least so much, dB. */
const MOVED_DB = 8;
/** How far the tag moves in a second, in distances between its way and the antenna. */
const SPEEDS_PER_S = [0.5, 0.75, 1.1, 1.6, 2.4];
/** A side's peak is looked for in these steps, from so long before its first read until so long after its last, milliseconds. */
const STEP_MS = 100;
const BEYOND_MS = 1_000;
/** The two peaks of a pass are at least so far apart, and those of a tag that turns back at most, steps. */
const APART_STEPS = 5;
const TOGETHER_STEPS = 2;
/** How much the peaks of the two sides differ, standard deviation, dB. */
const PEAK_DIFFERENCE_DB = 8;
/** How much a read varies about its peak, standard deviation, dB. */
const READ_ERROR_DB = 2.5;
/** By how much the sum of squared errors of every other order must be greater, in variances of a read. */
const WORSE = 3.5;

export function likelyDirection(inside: Side, outside: Side): "in" | "out" | undefined {
  if (!isMoving(inside) || !isMoving(outside)) return undefined;
  const heardAt = [...inside.signal, ...outside.signal].map(([at]) => at);
  const heardInside = withoutStragglers(inside.signal, heardAt);
  const heardOutside = withoutStragglers(outside.signal, heardAt);
  const reads = [...heardInside, ...heardOutside].map(([at]) => at);
  const [from, to] = [Math.min(...reads) - BEYOND_MS, Math.max(...reads) + BEYOND_MS];
  const best = { in: Infinity, out: Infinity, both: Infinity };
  for (const speed of SPEEDS_PER_S) {
    const into = peaksOf(heardInside, from, to, speed);
    const outOf = peaksOf(heardOutside, from, to, speed);
    for (const one of outOf) {
      for (const other of into) {
        const steps = other.step - one.step;
        const order = steps >= APART_STEPS ? "in" : steps <= -APART_STEPS ? "out" : "both";
        if (order === "both" && Math.abs(steps) > TOGETHER_STEPS) continue;
        const unlikely = READ_ERROR_DB * ((one.dbm - other.dbm) / PEAK_DIFFERENCE_DB);
        best[order] = Math.min(best[order], one.error + other.error + unlikely ** 2);
      }
    }
  }
  if (Math.min(best.in, best.out) > reads.length * READ_ERROR_DB ** 2) return undefined;
  const margin = WORSE * READ_ERROR_DB ** 2;
  if (Math.min(best.out, best.both) - best.in >= margin) return "in";
  if (Math.min(best.in, best.both) - best.out >= margin) return "out";
  return undefined;
}

/** Without reads that no other is near: the gate hears the tag once more, from where it was put down. */
function withoutStragglers(signal: SideSignal, heardAt: readonly number[]): SideSignal {
  const isNear = (at: number) => heardAt.some((other) => other !== at && Math.abs(other - at) < SILENT_MS);
  return signal.filter(([at, , dbm]) => dbm !== null && isNear(at));
}

function isMoving(side: Side): boolean {
  return side.peakDbm !== null && !isWeak(side) && side.peakDbm - weakestDbm(side) >= MOVED_DB;
}

function weakestDbm({ signal }: Side): number {
  return Math.min(...signal.map(([, , dbm]) => dbm ?? Infinity));
}

/** A peak that a side may have had. */
interface Peak {
  step: number;
  /** as loud as fits best */
  dbm: number;
  /** sum of squared errors of the reads, dB² */
  error: number;
}

/** For each moment a peak there, unless it would have been heard. */
function peaksOf(signal: SideSignal, from: number, to: number, speedPerS: number): Peak[] {
  const peaks: Peak[] = [];
  const [first, last] = [signal[0]?.[0] ?? Infinity, signal.at(-1)?.[0] ?? -Infinity];
  for (let step = 0; from + step * STEP_MS <= to; step += 1) {
    const peakAt = from + step * STEP_MS;
    if (peakAt < first - BEYOND_MS || peakAt > last + BEYOND_MS) continue;
    let sum = 0;
    let squares = 0;
    for (const [at, , dbm] of signal) {
      const aside = (speedPerS * (at - peakAt)) / 1_000;
      const peakDbm = dbm! + 20 * Math.log10(1 + aside * aside);
      sum += peakDbm;
      squares += peakDbm * peakDbm;
    }
    peaks.push({ step, dbm: sum / signal.length, error: squares - (sum * sum) / signal.length });
  }
  return peaks;
}
