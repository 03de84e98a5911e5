/** What may go wrong between the world and the broker. Rates are 0 to 1; the defaults are those of good hardware. */
export interface Faults {
  /** readings sent so late that newer ones are long there */
  late: number;
  /** readings sent twice */
  dup: number;
  /** readings that the next one overtakes */
  reorder: number;
  /** readings never sent */
  drop: number;
  /** reads of a tag that is somewhere else, per read of one that is here */
  strayTags: number;
  /** probability that a tag in the field answers one inquiry */
  readRate: number;
  /** standard deviation of a fix, metres */
  gpsNoiseM: number;
  /** standard deviation of a weight, in units of the product */
  scaleNoiseUnits: number;
  /** of a scale's zero, units of the product per day */
  driftUnitsPerDay: number;
  /** largest offset of a device's clock, milliseconds, either way */
  clockSkewMs: number;
  /** fixes without satellites, which repeat the last position */
  noFix: number;
}

/** Fixed, so that a score cannot grade itself. */
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

/** What befalls the world a platform is scored by: everything that can happen on the road, on top of the usual noise. */
export const SCORE_FAULTS: Faults = {
  ...DEFAULT_FAULTS,
  late: 0.05,
  dup: 0.03,
  reorder: 0.02,
  drop: 0.02,
  strayTags: 0.02,
};
