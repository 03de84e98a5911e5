import { z } from "@hono/zod-openapi";
import { id, name, shortText, stamps } from "../../http/fields.ts";
import { THINGS } from "./things.ts";

export const FIELD_TYPES = ["text", "number", "date", "boolean", "choice"] as const;

export const thing = z.enum(THINGS);
const choices = z
  .array(z.string().trim().min(1).max(64))
  .min(1)
  .max(100)
  .refine((given) => new Set(given).size === given.length, { message: "a choice stands here twice" });
const details = {
  label: name.describe("what people read"),
  required: z
    .boolean()
    .optional()
    .describe("new things need a value, and those whose attributes are changed; false by default"),
  unit: shortText.min(1).nullable().optional().describe("of a number, e.g. kg"),
  choices: choices.optional().describe("of a choice: what may be chosen"),
};

export const newCustomField = z
  .strictObject({
    thing,
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,62}$/, "expected small letters, digits and _, a letter first")
      .describe("in `attributes`"),
    type: z.enum(FIELD_TYPES),
    ...details,
  })
  .refine(({ type, choices }) => (type === "choice") === (choices !== undefined), {
    path: ["choices"],
    message: "a choice names what may be chosen, and no other type does",
  })
  .refine(({ type, unit }) => type === "number" || unit === undefined || unit === null, {
    path: ["unit"],
    message: "only a number has a unit",
  })
  .openapi("NewCustomField");

/** Its thing, name and type stay: what is stored was checked by them. */
export const customFieldChange = z.strictObject(details).partial().openapi("CustomFieldChange");

export const customField = z
  .object({
    id,
    thing,
    name: z.string(),
    label: z.string(),
    type: z.enum(FIELD_TYPES),
    required: z.boolean(),
    unit: z.string().nullable(),
    choices: z.array(z.string()),
    ...stamps,
  })
  .openapi("CustomField");
export type CustomField = z.output<typeof customField>;
