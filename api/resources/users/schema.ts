import { z } from "@hono/zod-openapi";
import { ROLES } from "../../auth/roles.ts";
import { id, nullableTimestamp, shortText, stamps, timestamp } from "../../http/fields.ts";
import { limitChange, limits } from "../../http/limits.ts";

/** The pattern of HTML `<input type=email>`: the host may be one word, such as `localhost`. */
export const email = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email({ pattern: z.regexes.html5Email }));
/** 8 to 256 characters; the exact rule, with the commonest passwords, is `passwordProblem` of the dependencies. */
export const password = z.string().max(1024).openapi({ minLength: 8, maxLength: 256 });

export const newUser = z
  .strictObject({
    email,
    name: shortText.nullable().optional(),
    password: password.optional().describe("without it the answer holds an invitation"),
    role: z.enum(ROLES),
    ...limitChange,
  })
  .openapi("NewUser");
export const userChange = z
  .strictObject({
    email: email.optional(),
    name: shortText.nullable().optional(),
    password: password.optional(),
    role: z.enum(ROLES).optional(),
    active: z.boolean().optional(),
    ...limitChange,
  })
  .openapi("UserChange");

export const user = z
  .object({
    id,
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(ROLES),
    active: z.boolean(),
    state: z.enum(["invited", "active", "inactive"]).describe("invited: has not chosen a password yet"),
    invitation_expires_at: nullableTimestamp,
    reset_requested_at: nullableTimestamp.describe("when the user asked for a new password, until there is a link"),
    ...limits,
    second_factor: z.boolean(),
    identity_provider: z.boolean().describe("signs in by the external identity provider, and has no password here"),
    ...stamps,
  })
  .openapi("User");
export type User = z.output<typeof user>;

/** Shown once. */
export const oneTimeLink = z
  .object({ link: z.string().describe("works once"), token: z.string(), expires_at: timestamp })
  .openapi("OneTimeLink");
export const addedUser = user.extend({ invitation: oneTimeLink.optional() }).openapi("AddedUser");
