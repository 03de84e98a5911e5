import { errors, importJWK, type JWK, jwtVerify } from "jose";
import type { Pool } from "pg";

const ALGORITHM = "ES256";
const AUDIENCE = "mqtt";
/** an unknown key may have just been made; but not every forged token is worth a query */
const RELOAD_AFTER_MS = 5000;

/** What a valid token says: whose it is, and until when. */
export interface DeviceToken {
  subject: string;
  /** epoch milliseconds */
  expiresAt: number;
}

/** Three base64url parts (RFC 7515 section 3.1); secrets have no dots. */
export const looksLikeToken = (password: string): boolean =>
  /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(password);

/** Checks tokens signed by this installation's keys: ES256 and nothing else (RFC 8725 section 3.1), `aud: "mqtt"`. */
export class DeviceTokens {
  readonly #pool: Pool;
  #keys = new Map<string, JWK>();
  #loading: Promise<void> | undefined;
  #loadedAt = 0;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /**
   * @returns undefined for anything that is not a valid token
   * @throws when the keys cannot be read
   */
  async verify(token: string): Promise<DeviceToken | undefined> {
    try {
      const { payload } = await jwtVerify(token, async ({ kid }) => importJWK(await this.#keyOf(kid), ALGORITHM), {
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

  async #keyOf(kid: string | undefined): Promise<JWK> {
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
