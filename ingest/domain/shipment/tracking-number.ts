import { hasValidCheckDigit } from "../gs1/check-digit.ts";
import { ssccIn } from "../gs1/sscc.ts";

/** A number of our own: `WS`, ten digits, a check digit. */
const OWN = /^WS(\d{11})$/;

/**
 * The tracking number that a text means, as we spell it: an SSCC as 18 digits, or one of our own. People type them with spaces and in
 * any case of letters; scanners read element strings, and the links in the QR codes of labels.
 * @returns undefined when it means none, such as one with a wrong check digit
 */
export function trackingNumberIn(text: string): string | undefined {
  return ssccIn(text) ?? ownNumberIn(text);
}

/** A number of our own that a text means: as it is, or named by the link of a label. */
export function ownNumberIn(text: string): string | undefined {
  const trimmed = text.trim();
  const named = /^https?:/i.test(trimmed) && URL.canParse(trimmed) ? numberOfLink(new URL(trimmed)) : trimmed;
  const number = named?.replaceAll(/[\s-]/g, "").toUpperCase();
  const digits = number === undefined ? undefined : OWN.exec(number)?.[1];
  return digits !== undefined && hasValidCheckDigit(digits) ? number : undefined;
}

/** A tracking link says with `number` whose it is. */
const numberOfLink = (url: URL): string | undefined =>
  /\/track\/[^/]+$/.test(url.pathname) ? (url.searchParams.get("number") ?? undefined) : undefined;
