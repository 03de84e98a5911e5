import type { Context } from "hono";
import type { ApiClients } from "../../auth/api-clients.ts";
import { LoginThrottle } from "../../auth/login-throttle.ts";
import { ROLES } from "../../auth/roles.ts";
import { pseudonym } from "../../auth/secrets.ts";
import { TOKEN_SECONDS, type Tokens } from "../../auth/tokens.ts";
import type { ApiDeps, ApiEnv } from "../../deps.ts";
import type { AddAuditEntry } from "../../http/audit/queries.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { Problem } from "../../http/problem.ts";
import { type ClientCredentials, readCredentials, readForm, unknownClient } from "./client-credentials.ts";
import { oauthErrors, serverMetadata, tokenRequest, tokenResponse, UnsupportedGrant } from "./schema.ts";

const tag = "Identity";
const GRANT_TYPE = "client_credentials";

/** Access tokens for API clients, by client id and secret (RFC 6749 §4.4). There is no other grant. */
export function registerOAuth(
  endpoints: Endpoints,
  { pool, settings, clientAddress, createAttemptCounter }: ApiDeps,
  { tokens, clients, addAuditEntry }: { tokens: Tokens; clients: ApiClients; addAuditEntry: AddAuditEntry },
): void {
  const throttle = new LoginThrottle(settings.loginAttempts, createAttemptCounter);

  const addressOf = (c: Context<ApiEnv>): string | undefined =>
    clientAddress(c.env?.incoming?.socket?.remoteAddress, c.req.header("X-Forwarded-For"));

  /**
   * Failures are counted like those of people, per client and address. The right secret is accepted whatever has failed
   * before: 256 random bits are not guessed, so a limit would only help strangers to lock a client out.
   */
  async function authenticate(c: Context<ApiEnv>, { clientId, secret }: ClientCredentials) {
    const client = await clients.authenticate(clientId, secret);
    if (client) return client;
    const who = { email: `client ${clientId}`, address: addressOf(c), knownPlace: undefined };
    await throttle.attempt(who, () => Promise.resolve(false));
    // What stands in its place by mistake may be the secret: an id is written down only if it looks like ours.
    const subject = /^wsc_[\w-]{16}$/.test(clientId) ? clientId : pseudonym(clientId);
    await addAuditEntry(pool, { actor: "nobody", action: "get a token", subject, outcome: "refused", detail: null });
    throw unknownClient("there is no such client, its secret is another, or it may not act now");
  }

  endpoints.custom(
    {
      route: "POST /oauth/token",
      access: "public",
      tag,
      summary: "Get an access token for an API client (RFC 6749 section 4.4)",
      body: tokenRequest,
      alternativeBody: { type: "application/x-www-form-urlencoded", only: true, read: readForm },
      response: tokenResponse,
      problems: { 401: "unknown client, wrong secret, or a client that may not act now" },
      errorFormat: oauthErrors,
    },
    async ({ body, c }) => {
      if (body.grant_type === undefined || body.grant_type === "") throw new Problem(400, "grant_type is missing");
      if (body.grant_type !== GRANT_TYPE) throw new UnsupportedGrant(400, `the only grant_type is ${GRANT_TYPE}`);
      const client = await authenticate(c, readCredentials(c.req.header("Authorization"), body));
      const access_token = await tokens.issueForClient(client, client.role);
      c.header("Cache-Control", "no-store");
      c.header("Pragma", "no-cache");
      return c.json({ access_token, token_type: "Bearer", expires_in: TOKEN_SECONDS, scope: client.role });
    },
  );

  endpoints.read(
    {
      route: "GET /.well-known/oauth-authorization-server",
      access: "public",
      tag,
      summary: "Get where and how API clients get tokens (RFC 8414)",
      response: serverMetadata,
    },
    async () => {
      const issuer = settings.publicUrl;
      const base = issuer.replace(/\/+$/, "");
      return {
        status: 200,
        body: {
          issuer,
          token_endpoint: `${base}/oauth/token`,
          jwks_uri: `${base}/.well-known/jwks.json`,
          scopes_supported: [...ROLES],
          response_types_supported: [],
          grant_types_supported: [GRANT_TYPE],
          token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
          service_documentation: `${base}/docs`,
        },
      };
    },
  );
}
