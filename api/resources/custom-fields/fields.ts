import { z } from "@hono/zod-openapi";

const MAX_TAGS = 50;
const MAX_ATTRIBUTES = 100;
const MAX_TEXT_LENGTH = 255;

/** Commas and semicolons part tags, in lists and in files. */
const tag = z
  .string()
  .trim()
  .toLowerCase()
  .min(1)
  .max(64)
  .regex(/^[^,;]*$/, "a tag holds neither comma nor semicolon");
const value = z.union([z.string().max(MAX_TEXT_LENGTH), z.number(), z.boolean()]);

type Values = Record<string, z.output<typeof value>>;

/** Of a body. Whether the fields exist, and have values like these, check-values.ts says. */
export const customInput = {
  attributes: z
    .record(z.string().max(63), value.nullable())
    .refine((given) => Object.keys(given).length <= MAX_ATTRIBUTES, {
      message: `at most ${MAX_ATTRIBUTES} attributes`,
    })
    .transform((given): Values => {
      const values = Object.entries(given).filter(([, each]) => each !== null && each !== "");
      return Object.fromEntries(values) as Values;
    })
    .optional()
    .describe("values of the custom fields, by name (GET /custom-fields); they replace all that it has"),
  tags: z
    .array(tag)
    .max(MAX_TAGS)
    .transform((given) => [...new Set(given)])
    .optional()
    .describe("in small letters; they replace all that it has"),
};

/** Of a response. */
export const customOutput = {
  attributes: z.record(z.string(), value).describe("values of the custom fields, by name"),
  tags: z.array(z.string()),
};

/** The columns that hold both. */
export const CUSTOM_COLUMNS = ["attributes", "tags"] as const;

function objectIn(text: string, context: z.RefinementCtx): Values {
  try {
    const parsed: unknown = JSON.parse(text);
    const result = z.record(z.string().max(63), value).safeParse(parsed);
    if (result.success) return result.data;
  } catch {
    // Said below.
  }
  context.addIssue({ code: "custom", message: 'expected JSON such as {"colour": "red"}' });
  return z.NEVER;
}

/** Query parameters of a list. */
export const customFilters = {
  tags: z
    .string()
    .max(1024)
    .transform((text) => text.split(",").map((each) => each.trim().toLowerCase()))
    .optional()
    .openapi({ type: "string", example: "fragile,returnable" })
    .describe("things that have all of these tags, parted by commas"),
  attributes: z
    .string()
    .max(4096)
    .transform(objectIn)
    .optional()
    .openapi({ type: "string", example: '{"colour":"red"}' })
    .describe("things that have all of these values of custom fields, as JSON"),
};

export interface CustomFilter {
  tags?: readonly string[] | undefined;
  attributes?: Values | undefined;
}
