import type { Config } from "./config.ts";

/** The external identity provider of the environment, if it names one. */
export function oidcSettings(config: Config) {
  const { OIDC_ISSUER: issuer, OIDC_ROLES_CLAIM: rolesClaim, OIDC_AUDIENCE: audience } = config;
  const { OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config;
  return issuer === undefined ? undefined : { issuer, rolesClaim, audience, clientId, clientSecret };
}
