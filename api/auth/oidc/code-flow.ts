import * as oidc from "openid-client";
import { z } from "zod";
import { claimAt, identityOf, type OidcIdentity } from "./claims.ts";
import type { OidcProvider } from "./provider.ts";

/** What a browser keeps between the two halves of a sign-in. */
const pendingSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });

const SCOPE = "openid profile email";

/** The provider refuses, or its answer is not the one to our question. */
export class CodeFlowError extends Error {}

/** Sign-in in the browser: authorization code with PKCE (RFC 7636), state and nonce (OpenID Connect Core §3.1). */
export class CodeFlow {
  readonly #provider: OidcProvider;
  readonly #redirectUri: string;

  constructor(provider: OidcProvider, redirectUri: string) {
    this.#provider = provider;
    this.#redirectUri = redirectUri;
  }

  /**
   * @returns where to send the browser, and what it keeps until it comes back
   * @throws Problem 503 while the provider is away
   */
  async begin(): Promise<{ address: string; pending: string }> {
    const configuration = await this.#provider.configuration();
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const address = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUri,
      scope: SCOPE,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
    const pending = Buffer.from(JSON.stringify({ state, nonce, verifier })).toString("base64url");
    return { address: address.href, pending };
  }

  /**
   * Buys the tokens for the code that the browser has brought.
   * @param query of the address it came back to
   * @param pending what it kept
   * @throws CodeFlowError when the answer is refused, Problem 503 while the provider is away
   */
  async finish(query: string, pending: string | undefined): Promise<OidcIdentity> {
    const kept = parsePending(pending);
    if (!kept) throw new CodeFlowError("this browser has not begun a sign-in, or that is too long ago");
    const configuration = await this.#provider.configuration();
    const { issuer, rolesClaim } = this.#provider.settings;
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration, new URL(`${this.#redirectUri}${query}`), {
        pkceCodeVerifier: kept.verifier,
        expectedState: kept.state,
        expectedNonce: kept.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      const { userinfo_endpoint: more } = configuration.serverMetadata();
      // Providers leave claims out of the ID token that may be asked for.
      const isWhole = claimAt(claims, rolesClaim) !== undefined || more === undefined;
      const info = isWhole ? {} : await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub);
      return identityOf({ ...info, ...claims }, issuer, claims.sub, rolesClaim);
    } catch (cause) {
      throw new CodeFlowError("the identity provider refused, or its answer is not right", { cause });
    }
  }
}

function parsePending(pending: string | undefined): z.output<typeof pendingSchema> | undefined {
  try {
    return pendingSchema.parse(JSON.parse(Buffer.from(pending ?? "", "base64url").toString("utf8")));
  } catch {
    return undefined;
  }
}
