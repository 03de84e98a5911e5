import { z } from "@hono/zod-openapi";
import { ROLES } from "../../auth/roles.ts";
import { id } from "../../http/fields.ts";
import { email, password } from "../users/schema.ts";

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
