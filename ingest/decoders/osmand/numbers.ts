import { finiteNumber } from "../json/finite-number.ts";

/** Metres per second of one knot (BIPM: 1852 m per hour). */
export const METRES_PER_SECOND_PER_KNOT = 1852 / 3600;

/** Metres of horizontal error for a dilution of precision of 1: usual for a receiver without corrections. */
const METRES_PER_HDOP = 5;

/** Phones send -1 for an unknown value. */
export const ifKnown = (number: number | undefined): number | undefined =>
  number !== undefined && number >= 0 ? number : undefined;

/** An accuracy of 0 m is none. */
export function accuracyOf(metres: number | undefined, hdop: number | undefined): number | undefined {
  if (metres !== undefined && metres > 0) return metres;
  return hdop !== undefined && hdop > 0 ? hdop * METRES_PER_HDOP : metres;
}

/** Some clients send numbers as text. */
export const numberOf = (value: unknown): number | undefined =>
  typeof value === "string" ? numeric(value) : finiteNumber(value);

export const numeric = (text: string | null | undefined): number | undefined =>
  text !== null && text !== undefined && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
