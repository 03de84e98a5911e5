import { errors, importJWK, type JWK, jwtVerify } from "jose";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Subscriber } from "../postgres/listener.ts";

const ALGORITHM = "ES256";
const AUDIENCE = "mqtt";
/** An unknown key may just have been created, so keys are reloaded, but at most this often: forged tokens are cheap. */
const RELOAD_AFTER_MS = 5000;

/** The claims of a valid token. */
export interface DeviceToken {
  subject: string;
  /** epoch milliseconds */
  expiresAt: number;
  /** of the key that signed it */
  keyId: string;
  /** of its device's credentials when it was issued; undefined: it was issued by an earlier version */
  generation: string | undefined;
}

/** Whether a password has the three base64url parts of a JWS (RFC 7515 section 3.1). Secrets contain no dots. */
export const looksLikeToken = (password: string): boolean =>
  /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(password);

/**
 * Verifies tokens signed with this installation's keys: only ES256 (RFC 8725 section 3.1) and `aud: "mqtt"`. A key that
 * is retired is no longer accepted as soon as Postgres tells of it.
 */
export class DeviceTokens implements Subscriber {
  readonly channel = "signing_keys";
  readonly #pool: Pool;
  readonly #log: Logger;
  #keys = new Map<string, JWK>();
  #loading: Promise<void> | undefined;
  /** `performance.now()` */
  #loadedAt = Number.NEGATIVE_INFINITY;
  /** called after keys were reloaded, so that connections by a retired one can be closed */
  onChanged: (() => void) | undefined;

  constructor(pool: Pool, log: Logger) {
    this.#pool = pool;
    this.#log = log;
  }

  /**
   * @returns undefined: the token is not valid
   * @throws when the keys cannot be read
   */
  async verify(token: string): Promise<DeviceToken | undefined> {
    try {
      const { payload, protectedHeader } = await jwtVerify(
        token,
        async ({ kid }) => importJWK(await this.#findKey(kid), ALGORITHM),
        { algorithms: [ALGORITHM], audience: AUDIENCE, requiredClaims: ["sub", "exp"] },
      );
      const { sub, exp, gen } = payload;
      const generation = typeof gen === "string" ? gen : undefined;
      return { subject: sub!, expiresAt: exp! * 1000, keyId: protectedHeader.kid ?? "", generation };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  /** Whether a key that was in force is not retired, as far as is known. */
  isInForce(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  onListening(): void {
    this.#reload();
  }

  onNotify(): void {
    this.#reload();
  }

  #reload(): void {
    this.#load().then(
      () => this.onChanged?.(),
      // The listener says when Postgres is back, and then this runs again.
      (error: unknown) => this.#log.warn({ err: error }, "broker: signing keys could not be read"),
    );
  }

  async #findKey(kid: string | undefined): Promise<JWK> {
    if (!this.#keys.has(kid ?? "") && performance.now() - this.#loadedAt > RELOAD_AFTER_MS) {
      await (this.#loading ??= this.#load().finally(() => (this.#loading = undefined)));
    }
    const key = this.#keys.get(kid ?? "");
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  }

  async #load(): Promise<void> {
    const { rows } = await this.#pool.query<{ kid: string; public_jwk: JWK }>(
      "SELECT kid, public_jwk FROM signing_keys WHERE retired_at IS NULL",
    );
    this.#keys = new Map(rows.map(({ kid, public_jwk }) => [kid, public_jwk]));
    this.#loadedAt = performance.now();
  }
}
