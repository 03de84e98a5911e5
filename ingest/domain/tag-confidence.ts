/** How sure the reads of a tag are, 0 to 1: by these its facts are written (signals/) and weighed (shipment/). */
export const TAG_CONFIDENCE = {
  /** a pass through a gate, each side read often */
  pass: 0.9,
  /** on a vehicle, heard for a minute */
  lasting: 0.88,
  /** there, by several reads: enough to contradict what else is known */
  firm: 0.85,
  /** a pass of which one side was read twice only */
  seldomPass: 0.75,
  /** there, by few reads: possibly a cross-read */
  few: 0.7,
  /** a pass without a sure direction, whose signals lean to one */
  likely: 0.6,
  /** no direction, or too few reads */
  unknown: 0.5,
} as const;
