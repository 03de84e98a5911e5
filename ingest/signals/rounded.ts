/** Powers of ten, by exponent: `**` took longer than everything else here. */
const SCALES = { 1: 10, 2: 100, 3: 1_000, 7: 10_000_000 } as const;
type Digits = keyof typeof SCALES;

/** Rounds state before it is stored: digits far below any sensor's accuracy only make a device's row longer. */
export function rounded(value: number, digits: Digits): number {
  const scale = SCALES[digits];
  return Math.round(value * scale) / scale;
}

/** Degrees of latitude or longitude to about a centimetre. */
export const roundedDegrees = (degrees: number): number => rounded(degrees, 7);
