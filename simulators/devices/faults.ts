/** Faults to inject between the world and the broker. Rates are 0 to 1. */
export interface Faults {
  /** readings sent 40 to 120 s late */
  late: number;
  /** readings sent twice */
  dup: number;
  /** readings sent after the next one */
  reorder: number;
  /** readings never sent */
  drop: number;
  /** reads of a tag that is elsewhere, per read of one in the field */
  strayTags: number;
  /** probability that a tag in the field answers one inventory round */
  readRate: number;
  /** standard deviation of a fix, metres */
  gpsNoiseM: number;
  /** standard deviation of a weight, in units of the product */
  scaleNoiseUnits: number;
  /** drift of a scale's zero, units of the product per day */
  driftUnitsPerDay: number;
  /** largest offset of a device's clock, milliseconds, either way */
  clockSkewMs: number;
  /** fixes without satellites: they repeat the last position */
  noFix: number;
}

/** Noise of good hardware. These values are fixed: changing them would change every score. */
export const DEFAULT_FAULTS: Faults = {
  late: 0,
  dup: 0,
  reorder: 0,
  drop: 0,
  strayTags: 0,
  readRate: 0.65,
  gpsNoiseM: 8,
  scaleNoiseUnits: 0.05,
  driftUnitsPerDay: 0.5,
  clockSkewMs: 0,
  noFix: 0,
};

/** Faults of a scored run: transport faults and stray tags, on top of the default noise. */
export const SCORE_FAULTS: Faults = {
  ...DEFAULT_FAULTS,
  late: 0.05,
  dup: 0.03,
  reorder: 0.02,
  drop: 0.02,
  strayTags: 0.02,
};
