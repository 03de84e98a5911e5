import { errors, importJWK, type JWK, jwtVerify } from "jose";
import type { Pool } from "pg";

const ALGORITHM = "ES256";
const AUDIENCE = "mqtt";
/** An unknown key may just have been created, so keys are reloaded, but at most this often: forged tokens are cheap. */
const RELOAD_AFTER_MS = 5000;

/** The claims of a valid token. */
export interface DeviceToken {
  subject: string;
  /** epoch milliseconds */
  expiresAt: number;
}

/** Whether a password has the three base64url parts of a JWS (RFC 7515 section 3.1). Secrets contain no dots. */
export const looksLikeToken = (password: string): boolean =>
  /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(password);

/** Verifies tokens signed with this installation's keys: only ES256 (RFC 8725 section 3.1) and `aud: "mqtt"`. */
export class DeviceTokens {
  readonly #pool: Pool;
  #keys = new Map<string, JWK>();
  #loading: Promise<void> | undefined;
  #loadedAt = 0;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /**
   * @returns undefined: the token is not valid
   * @throws when the keys cannot be read
   */
  async verify(token: string): Promise<DeviceToken | undefined> {
    try {
      const { payload } = await jwtVerify(token, async ({ kid }) => importJWK(await this.#findKey(kid), ALGORITHM), {
        algorithms: [ALGORITHM],
        audience: AUDIENCE,
        requiredClaims: ["sub", "exp"],
      });
      return { subject: payload.sub!, expiresAt: payload.exp! * 1000 };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  async #findKey(kid: string | undefined): Promise<JWK> {
    if (!this.#keys.has(kid ?? "") && Date.now() - this.#loadedAt > RELOAD_AFTER_MS) {
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
    this.#loadedAt = Date.now();
  }
}
