import { z } from "zod";

/** ISO 8601 with an offset: `Z`, `+02:00` or the basic form `+0200`. */
const ISO_WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)$/i;

/** The largest instant a JavaScript Date can hold, in epoch milliseconds (ECMA-262 §21.4.1.1). */
const MAX_EPOCH_MS = 8.64e15;

/** Parses `text` to epoch milliseconds; `undefined` when it is not ISO 8601 with an offset, or the day does not exist. */
export function parseIsoInstant(text: string): number | undefined {
  if (!ISO_WITH_OFFSET.test(text) || !isExistingDay(text)) return undefined;
  const withColon = text.replace(",", ".").replace(/([+-]\d{2})(\d{2})$/, "$1:$2");
  const normalized = withColon.replace(/([+-]\d{2})$/, "$1:00").toUpperCase();
  const ms = Date.parse(normalized);
  return Number.isNaN(ms) ? undefined : ms;
}

/** `Date.parse` would read 30 February as 1 March. */
function isExistingDay(text: string): boolean {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The time of measurement: epoch milliseconds, or ISO 8601 with offset. Parsed to epoch milliseconds. */
export const measurementTime = z.union([
  z.number().min(0).max(MAX_EPOCH_MS).transform(Math.round),
  z.string().transform((text, context) => {
    const ms = parseIsoInstant(text);
    if (ms !== undefined && ms >= 0) return ms;
    context.addIssue({ code: "custom", message: "expected ISO 8601 with an offset, such as 2026-03-01T10:00:00Z" });
    return z.NEVER;
  }),
]);

/** The device's message counter. If present, it is part of the reading's identity. */
export const sequence = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
