import { z } from "@hono/zod-openapi";
import { id, name, shortText, stamps } from "../../http/fields.ts";
import { customInput, customOutput } from "../custom-fields/fields.ts";
import { PARTY_ROLES } from "../../http/references.ts";

const role = z.enum(PARTY_ROLES);
const roles = z
  .union([role, z.array(role).min(1)])
  .transform((given) => [...new Set([given].flat())])
  .describe("one role, or several");
const quantity = z.number().int().min(1).max(2_147_483_647);

/** BCP 47, as far as Intl knows it. */
function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

const details = {
  reference: shortText.nullable().optional().describe("the number that your other systems know it by"),
  language: shortText
    .refine(isLanguage, { message: "expected a language tag such as de or pt-BR" })
    .nullable()
    .optional()
    .describe("in which it is written to, BCP 47"),
  email: z.email().max(255).nullable().optional(),
  phone: shortText.nullable().optional(),
  address: z.string().max(2000).nullable().optional(),
  lead_time_days: z
    .number()
    .int()
    .min(0)
    .max(3650)
    .nullable()
    .optional()
    .describe("of a supplier: from order to arrival"),
  minimum_quantity: quantity
    .nullable()
    .optional()
    .describe("of a supplier: the least it delivers of an item, in base units"),
  pack_quantity: quantity.nullable().optional().describe("of a supplier: it delivers multiples of this, in base units"),
  ...customInput,
};

export const newParty = z.strictObject({ name, roles, ...details }).openapi("NewParty");
export const partyChange = newParty.partial().openapi("PartyChange");

export const party = z
  .object({
    id,
    name: z.string(),
    roles: z.array(role),
    reference: z.string().nullable(),
    language: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    address: z.string().nullable(),
    lead_time_days: z.number().int().nullable(),
    minimum_quantity: z.number().int().nullable(),
    pack_quantity: z.number().int().nullable(),
    ...customOutput,
    ...stamps,
  })
  .openapi("Party");
export type Party = z.output<typeof party>;
