import type { PoolClient } from "pg";
import { checkDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { Problem } from "../../http/problem.ts";
import { nextTrackingSerial } from "./queries.ts";

/**
 * Makes a tracking number. With a GS1 company prefix it is an SSCC (GS1 General Specifications §2.2.1):
 * extension digit, prefix, serial, check digit, 18 digits in all. Without: `WS`, ten digits, check digit.
 * @returns undefined when the prefix has no serial left
 */
export function trackingNumber(serial: number, companyPrefix: string | undefined): string | undefined {
  if (companyPrefix === undefined) {
    const digits = String(serial).padStart(10, "0");
    return `WS${digits}${checkDigit(digits)}`;
  }
  const serialDigits = 16 - companyPrefix.length;
  // The extension digit has no meaning; the serial uses it for ten times as many numbers.
  const digits = String(serial).padStart(serialDigits + 1, "0");
  if (digits.length > serialDigits + 1) return undefined;
  const body = `${digits[0]}${companyPrefix}${digits.slice(1)}`;
  return body + checkDigit(body);
}

/** Numbers that others have made under our prefix are passed over; more than so many in a row are no accident. */
const MAX_TAKEN = 1_000;

/**
 * The next number that neither a shipment nor a unit has or had: the sequence never gives a serial twice, and an SSCC that was scanned
 * may lie ahead of it.
 * @throws Problem 409 when no number is left
 */
export async function nextTrackingNumber(client: PoolClient, companyPrefix: string | undefined): Promise<string> {
  for (let tries = 0; tries < MAX_TAKEN; tries += 1) {
    const number = trackingNumber(await nextTrackingSerial(client), companyPrefix);
    if (number === undefined) break;
    const { rows } = await client.query<{ taken: boolean }>({
      name: "api_number_taken",
      text: `SELECT EXISTS (SELECT FROM public.shipments WHERE tracking_number = $1) OR EXISTS (SELECT FROM public.handling_units WHERE sscc = $1)
        OR EXISTS (SELECT FROM public.order_units WHERE sscc = $1 AND shipment_id IS NULL) AS taken`,
      values: [number],
    });
    if (!rows[0]!.taken) return number;
  }
  throw new Problem(
    409,
    `no SSCC is left under the company prefix ${companyPrefix}: set GS1_COMPANY_PREFIX to another prefix of yours`,
  );
}
