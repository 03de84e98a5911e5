import { z } from "@hono/zod-openapi";
import type { ErrorFormat } from "../../http/endpoint-spec.ts";
import { Problem } from "../../http/problem.ts";

/** Parameters that are not known are ignored (RFC 6749 §3.2). */
export const tokenRequest = z
  .object({
    grant_type: z.string().optional().describe("`client_credentials`"),
    client_id: z.string().optional().describe("unless sent by HTTP Basic"),
    client_secret: z.string().optional().describe("unless sent by HTTP Basic"),
    scope: z.string().optional().describe("ignored: a token has the role of its client"),
  })
  .openapi("TokenRequest");

export const tokenResponse = z
  .object({
    access_token: z.string(),
    token_type: z.literal("Bearer"),
    expires_in: z.number().int().describe("seconds"),
    scope: z.string().describe("the role of the client"),
  })
  .openapi("TokenResponse");

const ERRORS = ["invalid_request", "invalid_client", "unsupported_grant_type", "temporarily_unavailable"] as const;
type ErrorCode = (typeof ERRORS)[number];

const oauthError = z
  .object({ error: z.enum(ERRORS), error_description: z.string() })
  .openapi("OAuthError", { description: "RFC 6749 §5.2" });

/** Thrown where the status of a problem does not tell the error code. */
export class UnsupportedGrant extends Problem {}

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: "invalid_client",
  429: "temporarily_unavailable",
  503: "temporarily_unavailable",
};

/**
 * Errors of the token endpoint (RFC 6749 §5.2): JSON, status 400 unless the client is unknown, nothing stored. That section
 * has no code for too many requests or a store that is away; clients know `temporarily_unavailable` from §4.1.2.1.
 */
export const oauthErrors: ErrorFormat = {
  schema: oauthError,
  of(problem) {
    const code = problem instanceof UnsupportedGrant ? "unsupported_grant_type" : CODE_OF_STATUS[problem.status];
    return {
      status: code === undefined || problem instanceof UnsupportedGrant ? 400 : problem.status,
      body: { error: code ?? "invalid_request", error_description: describe(problem.message) },
      headers: { "Cache-Control": "no-store", Pragma: "no-cache" },
    };
  },
};

/** The characters that an error_description may have: %x20-21 / %x23-5B / %x5D-7E. */
const describe = (text: string): string => text.replaceAll('"', "'").replace(/[^\x20-\x7E]|\\/g, "?");

export const serverMetadata = z
  .object({
    issuer: z.string(),
    token_endpoint: z.string(),
    jwks_uri: z.string(),
    scopes_supported: z.array(z.string()),
    response_types_supported: z.array(z.string()).describe("empty: there is no authorization endpoint"),
    grant_types_supported: z.array(z.string()),
    token_endpoint_auth_methods_supported: z.array(z.string()),
    service_documentation: z.string(),
  })
  .openapi("AuthorizationServer", { description: "RFC 8414 §2" });
