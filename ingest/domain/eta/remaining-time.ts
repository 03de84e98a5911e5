import { type ProgressCurve, secondsLeft } from "./progress-curve.ts";
import { type Weighted, weightedQuantile } from "./quantile.ts";

/*
 * How long it still takes, by the runs of a lane:
 *
 * 1. Each run tells how long it still took at the same distance from the destination, its stops included.
 * 2. Runs that set out at about the same time of day count more: traffic and rests follow the clock.
 * 3. A vehicle that has been slower than those runs up to here will be slower on the rest too, in part: the further it has come, the
 *    more its own pace says.
 * 4. Half of the runs took less than p50, nine of ten less than p90. Few runs know little of the spread, so it is widened, and p90 is
 *    at least so far away as the number of runs that are alike makes honest: of one run 65 %, of twenty 8 % of what is left.
 */

/** One run of the lane. */
export interface LaneSample {
  /** epoch milliseconds */
  departedAt: number;
  totalS: number;
  curve: ProgressCurve;
}

/** Of the vehicle that is under way. */
export interface Progress {
  /** straight to the edge of the destination */
  metres: number;
  /** its departure, epoch milliseconds; null: it has not left yet, or nobody knows */
  departedAt: number | null;
  /** of its position, epoch milliseconds */
  at: number;
}

export interface Remaining {
  p50Ms: number;
  p90Ms: number;
  runs: number;
}

const HOUR_MS = 3_600_000;
/** Runs of another time of day count so much. */
const LEAST_WEIGHT = 0.2;
/** How far apart two departures of about the same time of day are, hours. */
const ALIKE_HOURS = 2;
const PACE_LIMITS = [0.6, 1.8] as const;
/** An own pace is told by so much of the way at least, seconds. */
const MIN_PACED_S = 600;
const MAX_OWN_PACE = 0.7;
/** The spread of a few runs is too narrow: it is widened by so much of its own, divided by the number of runs that are alike. */
const WIDER = 6;

/** @returns undefined: no run tells anything of the way */
export function remainingTime(lane: readonly LaneSample[], progress: Progress): Remaining | undefined {
  const { metres, departedAt, at } = progress;
  const elapsedS = departedAt === null ? null : Math.max(0, (at - departedAt) / 1_000);
  const samples = lane.flatMap((run) => {
    const left = secondsLeft(run.curve, run.totalS, metres, elapsedS);
    if (left === undefined) return [];
    return [{ value: left, weight: weightOf(run, departedAt ?? at), passedS: run.totalS - left }];
  });
  if (samples.length === 0) return undefined;
  return spreadOf(samples, ownPace(samples, elapsedS, weightedQuantile(samples, 0.5)));
}

/** How long a whole run takes. @param departedAt epoch milliseconds @returns undefined: nothing is known of the lane */
export function wholeTime(lane: readonly LaneSample[], departedAt: number): Remaining | undefined {
  if (lane.length === 0) return undefined;
  return spreadOf(
    lane.map((run) => ({ value: run.totalS, weight: weightOf(run, departedAt) })),
    1,
  );
}

/** Step 4. */
function spreadOf(samples: readonly Weighted[], pace: number): Remaining {
  const middle = weightedQuantile(samples, 0.5);
  const p50 = middle * pace;
  const { length: runs } = samples;
  const alike = effective(samples);
  const spread = (weightedQuantile(samples, 0.9) - middle) * pace * (1 + WIDER / alike);
  const p90 = p50 + Math.max(spread, p50 * (0.05 + 0.6 / alike));
  return { p50Ms: Math.round(p50 * 1_000), p90Ms: Math.round(p90 * 1_000), runs };
}

/** How many runs of equal weight know as much. */
function effective(samples: readonly Weighted[]): number {
  const sum = samples.reduce((all, { weight }) => all + weight, 0);
  return sum ** 2 / samples.reduce((all, { weight }) => all + weight ** 2, 0);
}

/** Step 2. */
function weightOf(run: LaneSample, departedAt: number): number {
  const apart = Math.abs(((run.departedAt / HOUR_MS) % 24) - ((departedAt / HOUR_MS) % 24));
  const hours = Math.min(apart, 24 - apart);
  return LEAST_WEIGHT + Math.exp(-((hours / ALIKE_HOURS) ** 2));
}

/** Step 3. */
function ownPace(samples: readonly (Weighted & { passedS: number })[], elapsedS: number | null, leftS: number): number {
  if (elapsedS === null || elapsedS < MIN_PACED_S) return 1;
  const paces = samples.flatMap(({ passedS, weight }) =>
    passedS < MIN_PACED_S ? [] : [{ value: elapsedS / passedS, weight }],
  );
  if (paces.length === 0) return 1;
  const [least, most] = PACE_LIMITS;
  const pace = Math.min(most, Math.max(least, weightedQuantile(paces, 0.5)));
  return pace ** (MAX_OWN_PACE * Math.min(1, elapsedS / (elapsedS + leftS)));
}

/** How long a vehicle will still stand at a place, by how long others stood there. @param stoodMs up to now */
export function remainingDwell(dwellsMs: readonly number[], stoodMs: number): Remaining | undefined {
  const longer = dwellsMs.filter((each) => each > stoodMs).map((each) => ({ value: each - stoodMs, weight: 1 }));
  if (dwellsMs.length === 0) return undefined;
  // It stands longer than anybody before: it may leave at any time, and nobody knows when.
  if (longer.length === 0) return { p50Ms: 0, p90Ms: Math.round(stoodMs / 2), runs: dwellsMs.length };
  const p50Ms = Math.round(weightedQuantile(longer, 0.5));
  const p90Ms = Math.round(Math.max(weightedQuantile(longer, 0.9), p50Ms * (1 + 1 / longer.length)));
  return { p50Ms, p90Ms, runs: dwellsMs.length };
}
