import { canonicalUri } from "../identifiers/canonical-uri.ts";
import { currentTerm } from "../vocabulary/terms.ts";

/** A value as text, in the one spelling that the event hash takes: identifiers as Digital Links, current vocabulary, plain numbers. */
export function canonicalValue(text: string): string {
  const trimmed = currentTerm(text.trim());
  return plainNumber(trimmed) ?? canonicalUri(trimmed);
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A number without signs and zeros that say nothing; undefined for what is none. */
function plainNumber(text: string): string | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  if (Number.isInteger(value)) return BigInt(value).toString();
  // The reference implementation writes small numbers so.
  return Math.abs(value) < 1e-4
    ? value.toExponential().replace(/e-(\d)$/, "e-0$1")
    : String(value).replace(/e\+/, "e+");
}

const TIME = /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|z|[+-]\d\d:?\d\d)$/;

/** A time in UTC with milliseconds, rounded by the fourth decimal; a text that is no time as it is. */
export function canonicalTime(text: string): string {
  const match = TIME.exec(text.trim());
  const seconds = match ? Date.parse(`${match[1]!.replace(/[t ]/, "T")}${match[3]!.toUpperCase()}`) : Number.NaN;
  if (Number.isNaN(seconds)) return text.trim();
  const milliseconds = Math.round(Number(`0.${match![2] ?? "0"}`.slice(0, 6)) * 1000);
  return new Date(seconds + milliseconds).toISOString();
}
