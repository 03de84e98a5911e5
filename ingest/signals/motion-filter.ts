/**
 * A vehicle's place and velocity from noisy fixes: a Kalman filter with constant velocity and white acceleration
 * (Bar-Shalom, Li, Kirubarajan: Estimation with Applications to Tracking and Navigation, §6.3), and the backward pass
 * of Rauch, Tung and Striebel that also uses what came later. East and north are independent and share one covariance.
 */
export interface Motion {
  /** epoch milliseconds */
  ts: number;
  /** metres from the origin of the caller's plane */
  east: number;
  north: number;
  /** metres per second */
  eastMps: number;
  northMps: number;
  /** variance of place, covariance with velocity, variance of velocity, for each axis alike */
  varPosition: number;
  covPositionVelocity: number;
  varVelocity: number;
}

/** Power of the acceleration's noise, m²/s³: fitted to a town and motorway drive recorded at 1 Hz, with 15 m of noise. */
const ACCELERATION_NOISE = 0.3;
/** Nothing is known of a vehicle's velocity at first: 30 m/s, squared. */
const UNKNOWN_VELOCITY_VARIANCE = 900;
/** A fix further off than this many standard deviations is believed less, the further the less. */
const BELIEVED_SIGMAS = 3;

/** @param sigmaM standard deviation of the fix on each axis, metres */
export function initialMotion(ts: number, east: number, north: number, sigmaM: number): Motion {
  const unknown = { eastMps: 0, northMps: 0, varPosition: sigmaM ** 2, covPositionVelocity: 0 };
  return { ts, east, north, ...unknown, varVelocity: UNKNOWN_VELOCITY_VARIANCE };
}

/** Where it will be if it goes on as it does. */
export function predict(motion: Motion, ts: number): Motion {
  const { east, north, eastMps, northMps, varPosition, covPositionVelocity, varVelocity } = motion;
  const t = (ts - motion.ts) / 1000;
  return {
    ts,
    east: east + eastMps * t,
    north: north + northMps * t,
    eastMps,
    northMps,
    varPosition: varPosition + 2 * covPositionVelocity * t + varVelocity * t * t + (ACCELERATION_NOISE * t ** 3) / 3,
    covPositionVelocity: covPositionVelocity + varVelocity * t + (ACCELERATION_NOISE * t * t) / 2,
    varVelocity: varVelocity + ACCELERATION_NOISE * t,
  };
}

/** What to think after a fix at that time. */
export function update(predicted: Motion, east: number, north: number, sigmaM: number): Motion {
  const { varPosition, covPositionVelocity, varVelocity } = predicted;
  const surpriseEast = east - predicted.east;
  const surpriseNorth = north - predicted.north;
  const surprise = (surpriseEast ** 2 + surpriseNorth ** 2) / (varPosition + sigmaM ** 2) / BELIEVED_SIGMAS ** 2;
  const varFix = sigmaM ** 2 * Math.max(1, surprise);
  const gainPlace = varPosition / (varPosition + varFix);
  const gainVelocity = covPositionVelocity / (varPosition + varFix);
  return {
    ts: predicted.ts,
    east: predicted.east + gainPlace * surpriseEast,
    north: predicted.north + gainPlace * surpriseNorth,
    eastMps: predicted.eastMps + gainVelocity * surpriseEast,
    northMps: predicted.northMps + gainVelocity * surpriseNorth,
    varPosition: varPosition * (1 - gainPlace),
    covPositionVelocity: covPositionVelocity * (1 - gainPlace),
    varVelocity: varVelocity - gainVelocity * covPositionVelocity,
  };
}

/**
 * The places again, knowing what came later.
 * @param filtered after each fix, in order
 * @param predicted before each fix; the first is not used
 */
export function smooth(filtered: readonly Motion[], predicted: readonly Motion[]): Motion[] {
  const smoothed = [...filtered];
  for (let i = filtered.length - 2; i >= 0; i -= 1) {
    const now = filtered[i]!;
    const ahead = predicted[i + 1]!;
    const known = smoothed[i + 1]!;
    const t = (ahead.ts - now.ts) / 1000;
    // gain = P(now) · Fᵀ · P(ahead)⁻¹, two by two
    const determinant = ahead.varPosition * ahead.varVelocity - ahead.covPositionVelocity ** 2;
    const a = now.varPosition + now.covPositionVelocity * t;
    const b = now.covPositionVelocity;
    const c = now.covPositionVelocity + now.varVelocity * t;
    const d = now.varVelocity;
    const placeByPlace = (a * ahead.varVelocity - b * ahead.covPositionVelocity) / determinant;
    const placeByVelocity = (b * ahead.varPosition - a * ahead.covPositionVelocity) / determinant;
    const velocityByPlace = (c * ahead.varVelocity - d * ahead.covPositionVelocity) / determinant;
    const velocityByVelocity = (d * ahead.varPosition - c * ahead.covPositionVelocity) / determinant;
    const east = known.east - ahead.east;
    const north = known.north - ahead.north;
    const eastMps = known.eastMps - ahead.eastMps;
    const northMps = known.northMps - ahead.northMps;
    smoothed[i] = {
      ...now,
      east: now.east + placeByPlace * east + placeByVelocity * eastMps,
      north: now.north + placeByPlace * north + placeByVelocity * northMps,
      eastMps: now.eastMps + velocityByPlace * east + velocityByVelocity * eastMps,
      northMps: now.northMps + velocityByPlace * north + velocityByVelocity * northMps,
    };
  }
  return smoothed;
}
