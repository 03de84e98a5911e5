import { z } from "@hono/zod-openapi";
import { ROLES } from "../../auth/roles.ts";
import { id, shortText, stamps } from "../../http/fields.ts";

/** The pattern of HTML `<input type=email>`: the host may be one word, such as `localhost`. */
export const email = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email({ pattern: z.regexes.html5Email }));
/** At least 8 characters (NIST SP 800-63B §3.1.1.2); bounded, because hashing costs time. */
export const password = z.string().min(8).max(256);

export const newUser = z
  .strictObject({ email, name: shortText.nullable().optional(), password: password.optional(), role: z.enum(ROLES) })
  .openapi("NewUser");
export const userChange = z
  .strictObject({
    email: email.optional(),
    name: shortText.nullable().optional(),
    password: password.optional(),
    role: z.enum(ROLES).optional(),
    active: z.boolean().optional(),
  })
  .openapi("UserChange");

export const user = z
  .object({ id, email: z.string(), name: z.string().nullable(), role: z.enum(ROLES), active: z.boolean(), ...stamps })
  .openapi("User");
export type User = z.output<typeof user>;
