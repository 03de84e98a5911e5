import { errors, type JSONWebKeySet, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import * as oidc from "openid-client";
import type { Logger } from "pino";
import { sha256 } from "../secrets.ts";
import { oidcAway } from "./away.ts";
import { identityOf, type OidcIdentity } from "./claims.ts";
import { RemoteKeys } from "./remote-keys.ts";
import type { OidcSettings } from "./settings.ts";

/** Only signatures that the holder of a public key cannot make (RFC 8725 §3.1). */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const TIMEOUT_S = 5;
const RETRY_MS = 5000;
const CLOCK_TOLERANCE_S = 30;
const MAX_REMEMBERED = 20_000;

/** A provider's token that was verified. */
export interface ProvenIdentity extends OidcIdentity {
  /** epoch milliseconds, with the tolerance */
  expiresAt: number;
}

/** One external identity provider: its addresses, its keys, and what its tokens say. */
export class OidcProvider {
  readonly settings: OidcSettings;
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #keys: RemoteKeys;
  readonly #verified = new LRUCache<string, ProvenIdentity>({ max: MAX_REMEMBERED });
  #configuration: Promise<oidc.Configuration> | undefined;
  #failedAtMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs the monotonic clock */
  constructor(settings: OidcSettings, log: Logger, nowMs: () => number = () => performance.now()) {
    this.settings = settings;
    this.#log = log;
    this.#nowMs = nowMs;
    this.#keys = new RemoteKeys(() => this.#fetchKeys(), log, nowMs);
  }

  /** What the provider says of itself (OpenID Connect Discovery). Asked for once. @throws Problem 503 while it is away */
  configuration(): Promise<oidc.Configuration> {
    if (this.#configuration) return this.#configuration;
    if (this.#nowMs() - this.#failedAtMs < RETRY_MS) return Promise.reject(oidcAway());
    const { issuer, clientId = "waystock", clientSecret } = this.settings;
    const isPlain = issuer.startsWith("http:");
    const execute = [oidc.enableNonRepudiationChecks, ...(isPlain ? [oidc.allowInsecureRequests] : [])];
    const authentication = clientSecret === undefined ? oidc.None() : undefined;
    return (this.#configuration = oidc
      .discovery(new URL(issuer), clientId, clientSecret, authentication, { timeout: TIMEOUT_S, execute })
      .catch((error: unknown) => {
        this.#configuration = undefined;
        this.#failedAtMs = this.#nowMs();
        this.#log.warn({ err: error, issuer }, "OIDC discovery failed");
        throw oidcAway();
      }));
  }

  /**
   * Verifies an access token for this API (RFC 9068, or a JWT as providers issued them before it).
   * @returns undefined for anything but a valid one
   * @throws Problem 503 while the provider is away and none of its keys is known
   */
  async verifyAccessToken(token: string): Promise<ProvenIdentity | undefined> {
    const { issuer, audience, rolesClaim } = this.settings;
    if (audience === undefined) return undefined;
    const hash = sha256(token).toString("base64");
    const known = this.#verified.get(hash);
    if (known && Date.now() < known.expiresAt) return known;
    try {
      const options = { issuer, audience, algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE_S };
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys.find, {
        ...options,
        requiredClaims: ["sub", "exp"],
      });
      const isAccessToken = /^(?:application\/)?(?:at\+)?jwt$/i.test(protectedHeader.typ ?? "JWT");
      // Only ID tokens have these, and they are not for APIs.
      if (!isAccessToken || "nonce" in payload || "at_hash" in payload) return undefined;
      if (typeof payload.sub !== "string" || payload.sub === "" || payload.sub.length > 255) return undefined;
      const identity = identityOf(payload, issuer, payload.sub, rolesClaim);
      const proven = { ...identity, expiresAt: (payload.exp! + CLOCK_TOLERANCE_S) * 1000 };
      this.#verified.set(hash, proven);
      return proven;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  async #fetchKeys(): Promise<JSONWebKeySet> {
    const address = (await this.configuration()).serverMetadata().jwks_uri;
    if (address === undefined) throw new Error("the identity provider names no keys (jwks_uri)");
    const response = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_S * 1000) });
    if (!response.ok) throw new Error(`the keys of the identity provider were answered with ${response.status}`);
    const keys = (await response.json()) as JSONWebKeySet;
    // What the old keys have signed is proven anew.
    this.#verified.clear();
    return keys;
  }
}
