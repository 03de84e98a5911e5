import { createServer } from "node:http";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { type Configuration, type KoaContextWithOIDC, Provider } from "oidc-provider";
import { freePort } from "../../infra/runtime/free-port.ts";

export const AUDIENCE = "https://waystock.test/api";
const CLIENT_SECRET = "the provider's secret for waystock";

/** An OpenID provider on loopback, of a library that is certified; and switches for what goes wrong with providers. */
export interface IdentityProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** requests for its keys so far */
  keyRequests(): number;
  /** whether it drops every connection */
  setAway(isAway: boolean): void;
  /** an access token of the client credentials grant. @param machine `erp` has the role manager, `cron` none */
  accessToken(machine: "erp" | "cron"): Promise<string>;
  /** a token of the test's making, signed by the provider's key. */
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** @param redirectUri where it sends browsers back to. `rolesOf`: of the person who signs in, by the name typed there */
export async function startIdentityProvider(
  redirectUri: string,
  rolesOf: (name: string) => string[] | undefined,
): Promise<IdentityProvider> {
  const port = await freePort("127.0.0.1");
  const issuer = `http://127.0.0.1:${port}`;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk: JWK = { ...(await exportJWK(privateKey)), kid: "provider-key", alg: "RS256", use: "sig" };
  const clientId = "waystock";
  const machines = { erp: "manager", cron: undefined } as const;
  const configuration: Configuration = {
    jwks: { keys: [jwk] },
    clients: [
      { client_id: clientId, client_secret: CLIENT_SECRET, redirect_uris: [redirectUri] },
      ...Object.keys(machines).map((name) => ({
        client_id: name,
        client_secret: name,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      })),
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "roles"] },
    cookies: { keys: ["of a test"] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: "",
          audience: AUDIENCE,
          accessTokenFormat: "jwt" as const,
          accessTokenTTL: 3600,
        }),
      },
    },
    findAccount: (_: KoaContextWithOIDC, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, name: sub, email: `${sub}@company.test`, email_verified: true, roles: rolesOf(sub) }),
    }),
    extraTokenClaims: (_context, token) => {
      const role = machines[token.clientId as keyof typeof machines];
      return role === undefined ? undefined : { roles: [role] };
    },
  };
  const provider = new Provider(issuer, configuration);
  const answer = provider.callback();
  let [away, keyRequests] = [false, 0];
  const server = createServer((request, response) => {
    if (away) return void request.socket.destroy();
    if (request.url?.startsWith("/jwks") === true) keyRequests += 1;
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    issuer,
    clientId,
    clientSecret: CLIENT_SECRET,
    keyRequests: () => keyRequests,
    setAway: (isAway) => (away = isAway),
    async accessToken(machine) {
      const response = await fetch(`${issuer}/token`, {
        method: "POST",
        headers: { Authorization: `Basic ${btoa(`${machine}:${machine}`)}` },
        body: new URLSearchParams({ grant_type: "client_credentials", resource: AUDIENCE }),
      });
      return ((await response.json()) as { access_token: string }).access_token;
    },
    async sign(claims, header = {}) {
      const key = await importJWK(jwk, "RS256");
      return new SignJWT({ iss: issuer, aud: AUDIENCE, sub: "signed", roles: ["viewer"], ...claims })
        .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: "provider-key", ...header })
        .setIssuedAt()
        .setExpirationTime("1h")
        .sign(key);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
