import { distanceM, type Point } from "../domain/geo/geofence.ts";
import type { Quality } from "./signal-rule.ts";
import type { GpsContent } from "./sample.ts";

/**
 * What a fix is worth. Nothing is deleted: an outlier stays in the record and is only kept from moving anything. Three
 * outliers that agree with each other are a relocation: a ferry, an air leg, a device carried away.
 */
const RELOCATION_FIXES = 3;
/** Faster than this against the last accepted fix is not driving, metres per second (200 km/h). */
const MAX_SPEED_MPS = 200 / 3.6;
/** Two fixes of one place may lie this far apart, and by their accuracy more, metres. */
const SLACK_M = 50;
/** Worse accuracy than this is a hint only, metres. */
const MAX_ACCURACY_M = 100;

export interface Fix extends Point {
  ts: number;
}

/** The fixes a new one is held against. */
export interface FixHistory {
  /** the last accepted fix */
  last: Fix | null;
  /** whether another fix agreed with it: a lone one may itself be the outlier */
  confirmed: boolean;
  /** outliers since then that agree with each other */
  outliers: readonly Fix[];
}

export interface FixAssessment {
  quality: Quality;
  history: FixHistory;
  /** whether it may move anything */
  accepted: boolean;
  /** whether it is the end of a relocation: the way here is unknown */
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
  const quality: Quality = (fix.accuracy ?? 0) > MAX_ACCURACY_M ? "approx" : "ok";
  const now = { ts: fix.ts, lat: fix.lat, lon: fix.lon };
  if (last === null || reachable(last, fix)) {
    const accepted = { last: now, confirmed: last !== null, outliers: NONE };
    return { quality, history: accepted, accepted: true, relocated: false };
  }
  const agreeing = outliers.filter((doubt) => reachable(doubt, fix));
  if (agreeing.length + 1 < RELOCATION_FIXES) {
    const doubting = { ...history, outliers: [...agreeing, now] };
    return { quality: "outlier", history: doubting, accepted: false, relocated: false };
  }
  return { quality, history: { last: now, confirmed: true, outliers: NONE }, accepted: true, relocated: true };
}

/** Whether a vehicle could have driven from `from` to `to` in the time between, allowing for their accuracy. */
function reachable(from: Fix, to: GpsContent & { ts: number }): boolean {
  const seconds = Math.abs(to.ts - from.ts) / 1000;
  return distanceM(from, to) <= SLACK_M + (to.accuracy ?? 0) + seconds * MAX_SPEED_MPS;
}
