import { distanceM, type Point } from "../domain/geo/geofence.ts";
import type { GpsContent } from "./sample.ts";
import type { Quality } from "./signal-rule.ts";

/*
 * The quality of a fix. All fixes are stored; only accepted ones move a vehicle:
 *
 * 1. `nofix`: the tracker had no fix (0 satellites, or the position 0,0). Not accepted.
 * 2. Reachable: at most 50 m, plus the stated accuracy, plus 200 km/h times the time since the last accepted fix. Such a
 *    fix is accepted.
 * 3. It is `ok` if its accuracy is 100 m or better. A fix that states none (or 0 m, which phones send for "unknown") is
 *    `ok` if four satellites or more vouch for it: fewer give no position in space. Otherwise it is `approx`.
 * 4. Anything else is an `outlier`, and not accepted.
 * 5. Three outliers in a row that are reachable from each other are a relocation (a ferry, an air leg, a device carried
 *    away): the third is accepted, and the way to it is unknown.
 */
const RELOCATION_FIXES = 3;
const MAX_SPEED_MPS = 200 / 3.6;
const SLACK_M = 50;
const MAX_ACCURACY_M = 100;
const VOUCHING_SATELLITES = 4;
/** What a fix that states no accuracy is taken for, metres. */
const VOUCHED_ACCURACY_M = 10;
const UNKNOWN_ACCURACY_M = 30;

export interface Fix extends Point {
  ts: number;
}

/** The fixes that a new one is compared with. */
export interface FixHistory {
  /** the last accepted fix */
  last: Fix | null;
  /** whether another fix agreed with it; a first fix alone may itself be the outlier */
  confirmed: boolean;
  /** outliers since then that agree with each other */
  outliers: readonly Fix[];
}

export interface FixAssessment {
  quality: Quality;
  history: FixHistory;
  /** whether it moves the vehicle */
  accepted: boolean;
  /** whether it completes a relocation */
  relocated: boolean;
}

const NONE: readonly Fix[] = [];
export const NO_FIXES: FixHistory = { last: null, confirmed: false, outliers: NONE };

export function assessFix(history: FixHistory, fix: GpsContent & { ts: number }): FixAssessment {
  const { last, outliers } = history;
  // Trackers without a fix repeat the last position with satellites 0, or send 0,0.
  if (fix.satellites === 0 || (fix.lat === 0 && fix.lon === 0)) {
    return { quality: "nofix", history, accepted: false, relocated: false };
  }
  const quality = qualityOfAccuracy(fix);
  const now = { ts: fix.ts, lat: fix.lat, lon: fix.lon };
  if (last === null || isReachable(last, fix)) {
    const next = { last: now, confirmed: last !== null, outliers: NONE };
    return { quality, history: next, accepted: true, relocated: false };
  }
  const agreeing = outliers.filter((outlier) => isReachable(outlier, fix));
  if (agreeing.length + 1 < RELOCATION_FIXES) {
    const next = { ...history, outliers: [...agreeing, now] };
    return { quality: "outlier", history: next, accepted: false, relocated: false };
  }
  return { quality, history: { last: now, confirmed: true, outliers: NONE }, accepted: true, relocated: true };
}

type Accuracy = Pick<GpsContent, "accuracy" | "satellites">;

/** Step 3. */
function qualityOfAccuracy(fix: Accuracy): Quality {
  if (isStated(fix.accuracy)) return fix.accuracy > MAX_ACCURACY_M ? "approx" : "ok";
  return isVouchedFor(fix) ? "ok" : "approx";
}

/** The accuracy to reckon with, metres: the stated one, or what is usual for such a fix. */
export function accuracyOf(fix: Accuracy): number {
  if (isStated(fix.accuracy)) return fix.accuracy;
  return isVouchedFor(fix) ? VOUCHED_ACCURACY_M : UNKNOWN_ACCURACY_M;
}

function isStated(accuracy: number | undefined): accuracy is number {
  return accuracy !== undefined && accuracy > 0;
}

function isVouchedFor({ satellites }: Accuracy): boolean {
  return satellites !== undefined && satellites >= VOUCHING_SATELLITES;
}

/** Whether a vehicle could have driven from `from` to `to` in the time between (step 2). */
function isReachable(from: Fix, to: GpsContent & { ts: number }): boolean {
  const seconds = Math.abs(to.ts - from.ts) / 1000;
  return distanceM(from, to) <= SLACK_M + (to.accuracy ?? 0) + seconds * MAX_SPEED_MPS;
}
