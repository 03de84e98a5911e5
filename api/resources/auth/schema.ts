import { z } from "@hono/zod-openapi";
import type { Principal } from "../../auth/principal.ts";
import { permissionsWithin } from "../../auth/limits.ts";
import { PERMISSIONS, ROLES } from "../../auth/roles.ts";
import { id, timestamp } from "../../http/fields.ts";
import { limits } from "../../http/limits.ts";
import { email, password, type User } from "../users/schema.ts";

/** A code of an authenticator app, or a recovery code. */
export const code = z.string().min(1).max(64).describe("of the authenticator app, or a recovery code");
const token = z.string().min(1).max(128).describe("of a one-time link");

export const login = z
  .strictObject({ email: z.string().max(254), password: z.string().max(1024), code: code.optional() })
  .openapi("Login");
export const setup = z
  .strictObject({ token, email: email.optional(), password: password.optional(), code: code.optional() })
  .openapi("Setup");
export const reset = z
  .strictObject({
    token: token.optional(),
    email: email.optional(),
    password: password.optional(),
    code: code.optional(),
  })
  .superRefine(({ token, email, password, code }, context) => {
    if (token !== undefined) return;
    if (password !== undefined || code !== undefined) {
      context.addIssue({ code: "custom", path: ["token"], message: "a new password needs the token of a link" });
    } else if (email === undefined) {
      const message = "send the e-mail address of an account, or the token of a link and the new password";
      context.addIssue({ code: "custom", path: ["email"], message });
    }
  })
  .openapi("Reset");
export const signedIn = z
  .object({
    access_token: z.string(),
    token_type: z.literal("Bearer"),
    expires_in: z.number().int().describe("seconds"),
    role: z.enum(ROLES),
  })
  .openapi("SignedIn");
export const me = z
  .object({
    kind: z.enum(["user", "client"]),
    id,
    email: z.string().nullable().describe("null: an API client"),
    name: z.string().nullable(),
    role: z.enum(ROLES),
    may: z.array(z.enum(PERMISSIONS)).describe("what this role may do beside reading"),
    ...limits,
    second_factor: z.boolean(),
    recovery_codes_left: z.number().int().nullable().describe("null: no second factor"),
    identity_provider: z.boolean().describe("a user of the external identity provider, who has no password here"),
  })
  .openapi("Me");

/** @param user the row of a user; undefined: an API client; @param codesLeft of the recovery codes */
export function meOf(principal: Principal, user: User | undefined, codesLeft: number | null): z.input<typeof me> {
  const { kind, id, role, limits } = principal;
  return {
    ...{
      kind,
      id,
      role,
      may: permissionsWithin(role, limits),
      location_ids: limits.locationIds,
      owner_ids: limits.ownerIds,
    },
    email: user?.email ?? null,
    name: principal.kind === "client" ? principal.name : (user?.name ?? null),
    second_factor: user?.second_factor ?? false,
    recovery_codes_left: codesLeft,
    identity_provider: user?.identity_provider ?? false,
  };
}

export const passwordChange = z
  .strictObject({ current: z.string().max(1024), new: password })
  .openapi("PasswordChange");

export const totpRequest = z
  .strictObject({ code: code.optional().describe("the first code of the app: turns the second factor on") })
  .openapi("TotpRequest");
const totpEnrolment = z
  .object({
    secret: z.string().describe("base32, for typing"),
    uri: z.string().describe("otpauth://totp/…"),
    qr_svg: z.string().describe("the URI as a picture, SVG"),
  })
  .openapi("TotpEnrolment");
const recoveryCodes = z
  .object({ recovery_codes: z.array(z.string()).describe("each works once in place of a code; shown once") })
  .openapi("RecoveryCodes");
export const totp = z.union([totpEnrolment, recoveryCodes]);
export const totpEnd = z.strictObject({ password: z.string().max(1024), code }).openapi("TotpEnd");

export const ownSession = z
  .object({
    id: z.uuid(),
    current: z.boolean().describe("the session of this request"),
    created_at: timestamp,
    last_used_at: timestamp.describe("signed in or renewed"),
    expires_at: timestamp,
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
  })
  .openapi("Session");
export const sessionParams = z.strictObject({
  session_id: z.uuid().openapi({ param: { name: "session_id", in: "path" } }),
});
