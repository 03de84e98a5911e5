import { z } from "@hono/zod-openapi";
import { ROLES } from "../../auth/roles.ts";
import { id, shortText, stamps, timestamp } from "../../http/fields.ts";

/** As browsers take it: a host of one word, such as `localhost`, is an address too. */
export const email = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email({ pattern: z.regexes.html5Email }));
/** At least 8 characters (NIST SP 800-63B §3.1.1.2); bounded, since hashing is work. */
export const password = z.string().min(8).max(256);

export const login = z.strictObject({ email: z.string().max(254), password: z.string().max(1024) }).openapi("Login");
export const setup = z
  .strictObject({ token: z.string().min(1).max(128), email: email.optional(), password: password.optional() })
  .openapi("Setup");
export const signedIn = z
  .object({
    access_token: z.string(),
    token_type: z.literal("Bearer"),
    expires_in: z.number().int().describe("seconds"),
    role: z.enum(ROLES),
  })
  .openapi("SignedIn");
export const me = z.object({ id, email: z.string(), role: z.enum(ROLES) }).openapi("Me");

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

export const auditEntry = z
  .object({
    id: z.number().int(),
    at: timestamp,
    actor: z.string(),
    action: z.string(),
    subject: z.string().nullable(),
    outcome: z.enum(["done", "refused"]),
    detail: z.unknown().nullable(),
  })
  .openapi("AuditEntry");
