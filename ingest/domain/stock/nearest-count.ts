/** A weight further than this from a whole number of pieces is no count, units. */
export const MAX_RESIDUAL_UNITS = 0.35;
/** An empty shelf may show so much less than nothing, units: its zero is followed that far (signals/scale-zero.ts). */
export const MAX_BELOW_UNITS = 0.5;
const MAX_COUNT = 1_000_000_000;

interface Count {
  quantity: number;
  /** distance from a whole number, units */
  residual: number;
}

/** The whole number of pieces that a net weight is nearest to; undefined when it is not near any. */
export function nearestCount(units: number): Count | undefined {
  const quantity = Math.max(0, Math.round(units));
  const residual = Math.abs(units - quantity);
  const isCount = residual <= (units < 0 ? MAX_BELOW_UNITS : MAX_RESIDUAL_UNITS);
  return isCount && quantity <= MAX_COUNT ? { quantity, residual } : undefined;
}
