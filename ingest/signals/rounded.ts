/** Rounds state before it is stored: digits far below any sensor's accuracy only make a device's row longer. */
export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

/** Degrees of latitude or longitude to about a centimetre. */
export const roundedDegrees = (degrees: number): number => rounded(degrees, 7);
