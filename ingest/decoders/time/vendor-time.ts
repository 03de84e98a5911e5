import { parseIsoInstant } from "../../../broker/contract/measurement-time.ts";

/** Epoch milliseconds of a vendor's time (ISO 8601 with offset, epoch seconds, epoch milliseconds); undefined: not a time. */
export function parseVendorTime(value: unknown): number | undefined {
  if (typeof value === "number") return epochMs(value);
  if (typeof value !== "string") return undefined;
  if (/^(?:0|\d{9,13})(?:\.\d+)?$/.test(value)) return epochMs(Number(value));
  return parseIsoInstant(value.replace(" ", "T"));
}

/** A number below 10¹¹ is in seconds: as milliseconds it would be before March 1973. 0 is a clock that was never set. */
const epochMs = (value: number): number | undefined =>
  Number.isFinite(value) && value >= 0 ? Math.round(value < 1e11 ? value * 1000 : value) : undefined;
