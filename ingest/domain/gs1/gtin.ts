/**
 * All forms in which a GTIN of fourteen digits may be printed: GTINs of 8, 12 and 13 digits are padded with zeros on the
 * left (GS1 General Specifications §3.3.2).
 */
export function shortGtins(gtin14: string): string[] {
  return [14, 13, 12, 8]
    .filter((length) => /^0*$/.test(gtin14.slice(0, 14 - length)))
    .map((length) => gtin14.slice(14 - length));
}
