import { z } from "@hono/zod-openapi";
import { parseIsoInstant } from "../../broker/contract/measurement-time.ts";
import { DEVICE_ID } from "../../broker/contract/topics.ts";

/** Largest id of an `integer` column. */
const MAX_INTEGER = 2_147_483_647;

export const id = z.number().int().min(1).max(MAX_INTEGER);
export const count = z.number().int().min(0).max(MAX_INTEGER);
export const cents = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const name = z.string().trim().min(1).max(255);
export const shortText = z.string().max(255);
/** ISO 4217 */
export const currency = z.string().regex(/^[A-Z]{3}$/, "expected an ISO 4217 code such as EUR");

/** Accepted times: outside of this range a clock or a unit is wrong. */
const EARLIEST = Date.UTC(1970, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

function parseInstant(text: string, context: z.RefinementCtx): Date {
  const ms = parseIsoInstant(text);
  if (ms !== undefined && ms >= EARLIEST && ms < LATEST) return new Date(ms);
  context.addIssue({ code: "custom", message: "expected ISO 8601 with an offset, from 1970 to 2199" });
  return z.NEVER;
}

/** A time as clients send it: ISO 8601 with an offset. Parsed to a Date. */
export const instant = z
  .string()
  .transform(parseInstant)
  .openapi({ type: "string", format: "date-time", example: "2026-11-21T08:00:00.000Z" });

/** A time, or a day such as `2026-11-21`, which means its beginning in UTC. */
export const dayOrInstant = z
  .string()
  .transform((text, context) => parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00Z` : text, context))
  .openapi({ type: "string", format: "date-time", example: "2026-11-21T08:00:00.000Z" });

/** A time in responses. */
export const timestamp = z.date().openapi({ type: "string", format: "date-time" });

/** A time in responses, or null. `openapi` does not add null to the type it is given, so the type names it. */
export const nullableTimestamp = z
  .date()
  .nullable()
  .openapi({ type: ["string", "null"], format: "date-time" });
export const nullableInstant = instant.nullable().openapi({ type: ["string", "null"], format: "date-time" });

/** An id in a path or a query, where it arrives as text. */
const numericId = z
  .string()
  .regex(/^\d{1,10}$/)
  .transform(Number)
  .refine((value) => value >= 1 && value <= MAX_INTEGER, { message: "expected a positive integer" });

export const idParams = z.strictObject({
  id: numericId.openapi({ type: "integer", param: { name: "id", in: "path" } }),
});
export const deviceIdParams = z.strictObject({
  id: z
    .string()
    .regex(DEVICE_ID)
    .openapi({ param: { name: "id", in: "path" } }),
});
export const queryId = numericId.openapi({ type: "integer" });
/** Ids that a query may name at once. */
const MAX_IDS = 200;
/** Several ids in a query, with commas between them. */
export const queryIds = z
  .string()
  .regex(/^\d{1,10}(?:,\d{1,10})*$/, "expected ids with commas between them")
  .transform((text) => text.split(",").map(Number))
  .refine((ids) => ids.length <= MAX_IDS, { message: `expected at most ${MAX_IDS} ids` })
  .refine((ids) => ids.every((value) => value >= 1 && value <= MAX_INTEGER), { message: "expected positive integers" })
  .openapi({ type: "string", example: "3,7" });
export const queryCount = z
  .string()
  .regex(/^\d{1,10}$/, "expected a whole number")
  .transform((text) => Math.min(Number(text), MAX_INTEGER))
  .openapi({ type: "integer" });
export const queryFlag = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .openapi({ type: "boolean" });

/** Fields every stored resource has. */
export const stamps = { created_at: timestamp, updated_at: timestamp };
