import { isIPv6 } from "node:net";

/*
 * The formats of JSON schema that EPCIS 2.0 uses, with the verdicts of the common validators: addresses by RFC 3986, times by RFC 3339.
 */

const UNRESERVED = String.raw`a-z0-9\-._~!$&'()*+,;=`;
const many = (characters: string): string => `(?:[${characters}]|%[0-9a-f]{2})`;
const SEGMENT = many(`${UNRESERVED}:@`);
const AUTHORITY = `(?:${many(`${UNRESERVED}:`)}*@)?${many(UNRESERVED)}*(?::\\d*)?`;
const PATH = `(?:/?/${AUTHORITY}(?:/${SEGMENT}*)*|/(?:${SEGMENT}+(?:/${SEGMENT}*)*)?|${SEGMENT}+(?:/${SEGMENT}*)*)`;
const REST = many(`${UNRESERVED}:@/?`);
const URI = new RegExp(`^[a-z][a-z0-9+\\-.]*:${PATH}(?:\\?${REST}*)?(?:#${REST}*)?$`, "i");
/** An IP address in brackets instead of a host (RFC 3986 §3.2.2). */
const LITERAL = /^([a-z][a-z0-9+\-.]*:\/\/?(?:[^/?#[\]@]*@)?)\[([^\]]*)\]/i;
const FUTURE_ADDRESS = /^v[0-9a-f]+\.[a-z0-9\-._~!$&'()*+,;=:]+$/i;

/** Whether a text is an absolute address: `urn:…`, `https:…`, and also a name with a prefix, `example:field`. */
export function isUri(text: string): boolean {
  const literal = LITERAL.exec(text);
  if (!literal) return URI.test(text);
  const isAddress = isIPv6(literal[2]!) || FUTURE_ADDRESS.test(literal[2]!);
  return isAddress && URI.test(`${literal[1]}host${text.slice(literal[0].length)}`);
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:t|\s)(\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:z|([+-])(\d\d)(?::?(\d\d))?)$/i;

/** Whether a text is a time with its offset: `2026-03-01T08:00:00.000+01:00`. */
export function isDateTime(text: string): boolean {
  const match = DATE_TIME.exec(text);
  if (!match) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [offsetHours, offsetMinutes] = [Number(match[8] ?? 0), Number(match[9] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return false;
  if (offsetHours > 23 || offsetMinutes > 59) return false;
  if (hour <= 23 && minute <= 59 && second < 60) return true;
  // A leap second, at the end of a day in UTC.
  const sign = match[7] === "-" ? -1 : 1;
  const utcMinute = minute - offsetMinutes * sign;
  const utcHour = hour - offsetHours * sign - (utcMinute < 0 ? 1 : 0);
  return (utcHour === 23 || utcHour === -1) && (utcMinute === 59 || utcMinute === -1) && second < 61;
}

const daysOf = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
