import { checkDigit } from "../../../ingest/domain/gs1/check-digit.ts";

/**
 * Makes a tracking number. With a GS1 company prefix it is an SSCC (GS1 General Specifications §2.2.1):
 * extension digit, prefix, serial, check digit, 18 digits in all. Without: `WS`, ten digits, check digit.
 * @throws RangeError when the prefix has no serial left
 */
export function trackingNumber(serial: number, companyPrefix: string | undefined): string {
  if (companyPrefix === undefined) {
    const digits = String(serial).padStart(10, "0");
    return `WS${digits}${checkDigit(digits)}`;
  }
  const serialDigits = 16 - companyPrefix.length;
  // The extension digit has no meaning; the serial uses it for ten times as many numbers.
  const digits = String(serial).padStart(serialDigits + 1, "0");
  if (digits.length > serialDigits + 1) throw new RangeError(`no SSCC left under the company prefix ${companyPrefix}`);
  const body = `${digits[0]}${companyPrefix}${digits.slice(1)}`;
  return body + checkDigit(body);
}
