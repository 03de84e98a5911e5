import { z } from "zod";
import { envReading } from "../../../broker/contract/env.ts";
import { gpsReading } from "../../../broker/contract/gps.ts";
import type { Kind } from "../../../broker/contract/readings.ts";
import { rfidReading } from "../../../broker/contract/rfid.ts";
import { scaleReading } from "../../../broker/contract/scale.ts";
import { isObject, type JsonObject } from "../json/payload.ts";
import { Layouts } from "./layouts.ts";

/**
 * A fast path for the most frequent kinds: bounds that are taken from the contract's own schemas, checked in one pass over
 * the fields that were sent, several times faster than the schemas. It accepts, or returns undefined: then the schema
 * decides, and explains (a time as text, a field out of range). A test compares the two.
 * @returns `value` itself when it needs no change: then it has no unknown field
 */
export function validateFast(kind: Kind, value: unknown): JsonObject | undefined {
  const schema = FAST_SCHEMAS[kind];
  if (!schema || !isObject(value)) return undefined;
  const { ts } = value;
  if (typeof ts !== "number" || !(ts >= 0 && ts <= MAX_EPOCH_MS)) return undefined;
  const layout = schema.layouts.of(value) ?? schema.layouts.remember(value, layoutOf(schema, value));
  if (!layout.isComplete) return undefined;
  const { fields } = layout;
  let at = 0;
  for (const name in value) {
    const field = fields[at];
    if (field !== undefined && !fits(field, value[name])) return undefined;
    at += 1;
  }
  return layout.isKnown && Number.isInteger(ts) ? value : knownFields(fields, value, Math.round(ts));
}

function knownFields(fields: Layout["fields"], value: JsonObject, ts: number): JsonObject {
  const content: JsonObject = { ts };
  let at = 0;
  // Field by field as they were sent: to ask for each that the schema has takes longer.
  for (const name in value) {
    if (fields[at] !== undefined) content[name] = value[name];
    at += 1;
  }
  return content;
}

/** What the names of a reading, in their order, say of it. */
interface Layout {
  /** of each name; undefined for `ts` and for those that the schema does not have */
  fields: readonly (BoundedField | undefined)[];
  /** the schema has all names */
  isKnown: boolean;
  /** all that the schema requires is there */
  isComplete: boolean;
}

function layoutOf(schema: FastSchema, value: JsonObject): Layout {
  const names = Object.keys(value);
  const fields = names.map((name) => schema.fields.get(name));
  return {
    fields,
    isKnown: names.every((name, at) => name === "ts" || fields[at] !== undefined),
    isComplete: fields.filter((field) => field?.isRequired).length >= schema.minRequired,
  };
}

/** The largest time of ECMA-262 §21.4.1.1; the contract's bound for `ts`. */
const MAX_EPOCH_MS = 8.64e15;

interface BoundedField {
  isRequired: boolean;
  type: "number" | "integer" | "string" | "boolean";
  /** bounds of a number's value or of a text's length; finite, so that they exclude Infinity and NaN */
  min: number;
  max: number;
  pattern: RegExp | undefined;
}

interface FastSchema {
  fields: ReadonlyMap<string, BoundedField>;
  /** how many of the required fields a reading must have */
  minRequired: number;
  layouts: Layouts<Layout>;
}

function fits(field: BoundedField, value: unknown): boolean {
  if (typeof value === "number") {
    if (!(value >= field.min && value <= field.max)) return false;
    return field.type === "number" || (field.type === "integer" && Number.isSafeInteger(value));
  }
  if (typeof value === "boolean") return field.type === "boolean";
  if (typeof value !== "string" || field.type !== "string") return false;
  return value.length >= field.min && value.length <= field.max && field.pattern?.test(value) !== false;
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

/**
 * Takes the bounds from a schema. A schema with a keyword that is unknown here throws at start, before any reading.
 * @param oneOf whether one field beside `ts` and `seq` is enough, instead of all that the schema requires
 */
function schemaOf(schema: z.ZodType, oneOf = false): FastSchema {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
  const fields = new Map<string, BoundedField>();
  for (const [name, property] of Object.entries(properties)) {
    if (name === "ts") continue;
    const { type, minimum, maximum, minLength, maxLength, pattern } = jsonField.parse(property);
    const [min, max] = [minimum ?? minLength ?? -Number.MAX_VALUE, maximum ?? maxLength ?? Number.MAX_VALUE];
    const isRequired = oneOf ? name !== "seq" : required.includes(name);
    fields.set(name, { isRequired, type, min, max, pattern: pattern ? new RegExp(pattern) : undefined });
  }
  const minRequired = oneOf ? 1 : [...fields.values()].filter(({ isRequired }) => isRequired).length;
  return { fields, minRequired, layouts: new Layouts() };
}

/** The other kinds are rare, or have rules that involve several fields. */
const FAST_SCHEMAS: Partial<Record<Kind, FastSchema>> = {
  gps: schemaOf(gpsReading),
  rfid: schemaOf(rfidReading),
  scale: schemaOf(scaleReading.options[0]),
  env: schemaOf(envReading, true),
};
