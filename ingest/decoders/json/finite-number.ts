/** The value if it is a finite number; otherwise undefined, not zero. */
export const finiteNumber = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
