import { z } from "zod";
import { gpsReading } from "../../broker/contract/gps.ts";
import type { Kind } from "../../broker/contract/readings.ts";
import { rfidReading } from "../../broker/contract/rfid.ts";
import { scaleReading } from "../../broker/contract/scale.ts";
import { isObject, type JsonObject } from "./json-payload.ts";

/**
 * A short way for the readings that come by the thousand: a loop over bounds taken from the contract's own schemas,
 * a few times faster than the schemas themselves. It only ever says yes; whatever it does not recognise at once (a time
 * as text, a wrong field) goes to the schema, which decides and explains. A test holds the two against each other.
 */
export function plainReading(kind: Kind, value: unknown): JsonObject | undefined {
  const fields = PLAIN[kind];
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

/** ECMA-262 §21.4.1.1, as the contract's measurement time has it. */
const MAX_EPOCH_MS = 8.64e15;

interface PlainField {
  name: string;
  required: boolean;
  type: "number" | "integer" | "string" | "boolean";
  /** of a number its value, of a text its length */
  least: number;
  most: number;
  pattern: RegExp | undefined;
}

function fits({ type, least, most, pattern }: PlainField, value: unknown): boolean {
  if (type === "boolean") return typeof value === "boolean";
  if (type === "string") {
    return typeof value === "string" && value.length >= least && value.length <= most && pattern?.test(value) !== false;
  }
  if (typeof value !== "number" || !(value >= least && value <= most)) return false;
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

/** Takes bounds from a schema; one with a keyword unknown here fails at start and not by letting a reading through. */
function fieldsOf(schema: z.ZodType): PlainField[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties)
    .filter(([name]) => name !== "ts")
    .map(([name, property]) => {
      const { type, minimum, maximum, minLength, maxLength, pattern } = jsonField.parse(property);
      const [least, most] = [minimum ?? minLength ?? -Infinity, maximum ?? maxLength ?? Infinity];
      const isRequired = required.includes(name);
      return { name, required: isRequired, type, least, most, pattern: pattern ? new RegExp(pattern) : undefined };
    });
}

/** The other kinds are rare, or have rules across fields. */
const PLAIN: Partial<Record<Kind, readonly PlainField[]>> = {
  gps: fieldsOf(gpsReading),
  rfid: fieldsOf(rfidReading),
  scale: fieldsOf(scaleReading.options[0]),
};
