import { z } from "@hono/zod-openapi";

/** The forms a sample message may be given in. */
const FORMS = ["hex", "base64", "text", "json"] as const;
/** A sample message in one of the forms, and the topic it would arrive on. */
const formedSample = z
  .strictObject({
    hex: z
      .string()
      .regex(/^(?:[0-9a-fA-F]{2})*$/, "expected pairs of hex digits")
      .optional(),
    base64: z.base64().optional(),
    text: z.string().optional(),
    json: z.unknown().optional(),
    topic: z.string().max(256).optional(),
  })
  .refine((given) => FORMS.filter((form) => given[form] !== undefined).length === 1, {
    message: `expected exactly one of ${FORMS.join(", ")}`,
  });
/** JSON without any of these fields is the message itself, as a device sends it. */
export const sample = z
  .preprocess((value) => (namesForm(value) ? value : { json: value }), formedSample)
  .openapi("DecoderSample");

const namesForm = (value: unknown): boolean =>
  typeof value === "object" && value !== null && FORMS.some((form) => Object.hasOwn(value, form));

export const decoded = z
  .object({
    readings: z.array(z.unknown()),
    rejections: z.array(z.unknown()),
    warnings: z.array(z.string()),
    ignored_fields: z.array(z.unknown()).describe("fields that the decoder does not use"),
  })
  .openapi("Decoded");

export const epcQuery = z.strictObject({
  filter: z
    .string()
    .regex(/^[0-7]$/, "expected 0 to 7")
    .transform(Number)
    .optional()
    .openapi({ type: "integer" }),
  company_prefix_length: z
    .string()
    .regex(/^(?:[6-9]|1[0-2])$/, "expected 6 to 12")
    .transform(Number)
    .optional()
    .openapi({ type: "integer" }),
});
