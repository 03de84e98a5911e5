/**
 * The GS1 check digit (GS1 General Specifications §7.9.1): from the right, digits have the weights 3, 1, 3, …, and the
 * check digit makes the sum a multiple of ten. The same for GTIN, SSCC, GLN and GRAI.
 * @throws RangeError when `digits` are not all digits
 */
export function checkDigit(digits: string): string {
  if (!/^\d+$/.test(digits)) throw new RangeError(`a check digit is made of digits, not of ${JSON.stringify(digits)}`);
  let sum = 0;
  for (let at = digits.length - 1, weight = 3; at >= 0; at--, weight = 4 - weight) sum += Number(digits[at]) * weight;
  return String((10 - (sum % 10)) % 10);
}

/** Appends the check digit. */
export const withCheckDigit = (digits: string): string => digits + checkDigit(digits);

/** Whether the last digit is the check digit of those before it. */
export function hasValidCheckDigit(digits: string): boolean {
  return /^\d{2,}$/.test(digits) && checkDigit(digits.slice(0, -1)) === digits.at(-1);
}
