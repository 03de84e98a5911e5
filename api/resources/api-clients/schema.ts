import { z } from "@hono/zod-openapi";
import { ROLES } from "../../auth/roles.ts";
import { id, name, nullableInstant, nullableTimestamp, stamps, timestamp } from "../../http/fields.ts";
import { limitChange, limits } from "../../http/limits.ts";

const fields = {
  ...limitChange,
  expires_at: nullableInstant.optional().describe("null: never"),
};

export const newApiClient = z.strictObject({ name, role: z.enum(ROLES), ...fields }).openapi("NewApiClient");
export const apiClientChange = z
  .strictObject({ name: name.optional(), role: z.enum(ROLES).optional(), active: z.boolean().optional(), ...fields })
  .openapi("ApiClientChange");

const secretHint = z.object({
  prefix: z.string().describe("its first characters, by which secrets are told apart"),
  created_at: timestamp,
});
export const apiClient = z
  .object({
    id,
    client_id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    ...limits,
    active: z.boolean(),
    expires_at: nullableTimestamp,
    last_used_at: nullableTimestamp.describe("to the minute"),
    secrets: z.array(secretHint).describe("those that are valid, newest first"),
    ...stamps,
  })
  .openapi("ApiClient");
export type ApiClient = z.output<typeof apiClient>;

/** The only answers that show a secret. */
export const apiClientWithSecret = apiClient
  .extend({ client_secret: z.string().describe("shown only here") })
  .openapi("ApiClientWithSecret");
export type ApiClientWithSecret = z.output<typeof apiClientWithSecret>;
