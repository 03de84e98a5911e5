import { distanceM } from "../domain/geo/geofence.ts";
import type { Manoeuvre } from "../domain/vehicle/manoeuvres.ts";
import type { Fix } from "./fix-quality.ts";
import { rounded } from "./rounded.ts";

/*
 * How the speeds of fixes tell of harsh braking and acceleration. Four accepted fixes in a row are looked at, each at most 5 s after the
 * one before; between the second and the third the speed changes:
 *
 * 1. by 3.5 m/s² or more down, or by 3 m/s² or more up (0.36 g, 0.31 g), and by 5 m/s (18 km/h) at least;
 * 2. by 10 m/s² at most: no road vehicle does more, so a speed is wrong;
 * 3. the way between each two fixes is what their speeds say, give or take 2 m/s, a fifth, and 5 m for the places themselves. So a
 *    tracker that repeats an old speed, and a fix that has jumped, tell of nothing;
 * 4. before and after, the speed does not change the other way by more than 2.5 m/s². So one wrong speed tells of nothing.
 *
 * What follows within ten seconds is the same manoeuvre. A braking of two seconds between fixes five seconds apart is seen weaker than
 * it was, or not at all; cornering is not seen.
 *
 * Example: 20, 20, 15.8, 12 m/s, one second apart, with 20, 18 and 14 m between them: braking with 4.2 m/s², 0.43 g.
 */
const MAX_GAP_MS = 5_000;
const MIN_GAP_MS = 500;
const BRAKING = 3.5;
const ACCELERATION = 3;
const MIN_CHANGE = 5;
/** At one fix a second, a change of 5 m/s would be beyond most brakings: there this much is enough, metres per second. */
const MIN_CHANGE_OF_A_SECOND = 3.5;
const IMPOSSIBLE = 10;
const OTHER_WAY = 2.5;
const SLACK_MPS = 2;
const SLACK_SHARE = 0.2;
const SLACK_M = 5;
const SAME_MS = 10_000;
const GRAVITY = 9.806_65;

/** A fix with its speed, metres per second. */
export interface SpeedFix extends Fix {
  speed: number;
}

export interface SpeedState {
  /** the last fixes that follow each other closely, three at most */
  recent: readonly SpeedFix[];
  /** the end of the last manoeuvre, epoch milliseconds; null: none yet */
  lastAt: number | null;
}

export interface FoundManoeuvre {
  what: Exclude<Manoeuvre, "cornering">;
  /** when it was over, epoch milliseconds */
  at: number;
  g: number;
  fromKmh: number;
  toKmh: number;
}

/** Applies one accepted fix. @param before undefined: no fix with a speed yet */
export function followSpeed(
  before: SpeedState | undefined,
  fix: SpeedFix,
): { state: SpeedState; found: FoundManoeuvre | undefined } {
  const { recent = [], lastAt = null } = before ?? {};
  const last = recent.at(-1);
  const gapMs = last === undefined ? 0 : fix.ts - last.ts;
  if (last === undefined || gapMs > MAX_GAP_MS) return { state: { recent: [fix], lastAt }, found: undefined };
  // Several fixes of one moment are no way.
  if (gapMs < MIN_GAP_MS) return { state: before!, found: undefined };
  const fixes = [...recent, fix];
  const found = fixes.length < 4 ? undefined : manoeuvreOf(fixes as [SpeedFix, SpeedFix, SpeedFix, SpeedFix]);
  const isSame = found !== undefined && lastAt !== null && found.at - lastAt <= SAME_MS;
  const state = { recent: fixes.slice(-3), lastAt: found?.at ?? lastAt };
  return { state, found: isSame ? undefined : found };
}

function manoeuvreOf(fixes: [SpeedFix, SpeedFix, SpeedFix, SpeedFix]): FoundManoeuvre | undefined {
  const [first, from, to, last] = fixes;
  const change = to.speed - from.speed;
  const rate = rateOf(from, to);
  const least = to.ts - from.ts <= 1_500 ? MIN_CHANGE_OF_A_SECOND : MIN_CHANGE;
  const isHarsh = change < 0 ? -rate >= BRAKING : rate >= ACCELERATION;
  if (!isHarsh || Math.abs(change) < least || Math.abs(rate) > IMPOSSIBLE) return undefined;
  const direction = Math.sign(change);
  if (-direction * rateOf(first, from) > OTHER_WAY || -direction * rateOf(to, last) > OTHER_WAY) return undefined;
  if (!isWayOf(first, from) || !isWayOf(from, to) || !isWayOf(to, last)) return undefined;
  return {
    what: change < 0 ? "braking" : "acceleration",
    at: to.ts,
    g: rounded(Math.abs(rate) / GRAVITY, 2),
    fromKmh: Math.round(from.speed * 3.6),
    toKmh: Math.round(to.speed * 3.6),
  };
}

const rateOf = (a: SpeedFix, b: SpeedFix): number => (b.speed - a.speed) / ((b.ts - a.ts) / 1_000);

/** Whether the way between two fixes is what their speeds say. */
function isWayOf(a: SpeedFix, b: SpeedFix): boolean {
  const seconds = (b.ts - a.ts) / 1_000;
  const mean = (a.speed + b.speed) / 2;
  return Math.abs(distanceM(a, b) / seconds - mean) <= SLACK_MPS + SLACK_SHARE * mean + SLACK_M / seconds;
}
