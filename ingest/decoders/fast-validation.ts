import { z } from "zod";
import { gpsReading } from "../../broker/contract/gps.ts";
import type { Kind } from "../../broker/contract/readings.ts";
import { rfidReading } from "../../broker/contract/rfid.ts";
import { scaleReading } from "../../broker/contract/scale.ts";
import { isObject, type JsonObject } from "./json-payload.ts";

/**
 * A fast path for the most frequent kinds: a loop over bounds that are taken from the contract's own schemas, a few times
 * faster than the schemas. It accepts, or returns undefined: then the schema decides, and explains (a time as text, a
 * field out of range). A test compares the two.
 */
export function validateFast(kind: Kind, value: unknown): JsonObject | undefined {
  const fields = BOUNDED_FIELDS[kind];
  if (!fields || !isObject(value)) return undefined;
  const { ts } = value;
  if (typeof ts !== "number" || !(ts >= 0 && ts <= MAX_EPOCH_MS)) return undefined;
  const content: JsonObject = { ts: Math.round(ts) };
  for (const field of fields) {
    const given = value[field.name];
    if (given === undefined ? field.required || field.name in value : !fits(field, given)) return undefined;
    if (given !== undefined) content[field.name] = given;
  }
  return content;
}

/** The largest time of ECMA-262 §21.4.1.1; the contract's bound for `ts`. */
const MAX_EPOCH_MS = 8.64e15;

interface BoundedField {
  name: string;
  required: boolean;
  type: "number" | "integer" | "string" | "boolean";
  /** bounds of a number's value or of a text's length */
  min: number;
  max: number;
  pattern: RegExp | undefined;
}

function fits({ type, min, max, pattern }: BoundedField, value: unknown): boolean {
  if (type === "boolean") return typeof value === "boolean";
  if (type === "string") {
    return typeof value === "string" && value.length >= min && value.length <= max && pattern?.test(value) !== false;
  }
  if (typeof value !== "number" || !(value >= min && value <= max)) return false;
  return type === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
}

const jsonField = z.strictObject({
  type: z.enum(["number", "integer", "string", "boolean"]),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
  description: z.string().optional(),
});

/** Takes the bounds from a schema. A schema with a keyword that is unknown here throws at start, before any reading. */
function fieldsOf(schema: z.ZodType): BoundedField[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties)
    .filter(([name]) => name !== "ts")
    .map(([name, property]) => {
      const { type, minimum, maximum, minLength, maxLength, pattern } = jsonField.parse(property);
      const [min, max] = [minimum ?? minLength ?? -Infinity, maximum ?? maxLength ?? Infinity];
      const isRequired = required.includes(name);
      return { name, required: isRequired, type, min, max, pattern: pattern ? new RegExp(pattern) : undefined };
    });
}

/** The other kinds are rare, or have rules that involve several fields. */
const BOUNDED_FIELDS: Partial<Record<Kind, readonly BoundedField[]>> = {
  gps: fieldsOf(gpsReading),
  rfid: fieldsOf(rfidReading),
  scale: fieldsOf(scaleReading.options[0]),
};
