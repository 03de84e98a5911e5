import { LRUCache } from "lru-cache";
import type { Pool, PoolClient } from "pg";
import { addSession, findSession, findSessionByToken, renewSession, type SessionRow } from "./session-queries.ts";
import type { Principal } from "./principal.ts";
import { newSecret, sha256 } from "./secrets.ts";
import type { Tokens } from "./tokens.ts";

/** Seconds a browser session lives without being renewed. */
export const SESSION_SECONDS = 12 * 3600;
/** A revoked session may be believed this long by another API process; by this one not at all. */
const CACHE_MS = 5000;

export interface NewSession {
  sessionId: string;
  cookie: string;
  accessToken: string;
}

/** Turns what a request carries into who is asking. */
export class Sessions {
  readonly #pool: Pool;
  readonly #tokens: Tokens;
  readonly #cache = new LRUCache<string, SessionRow>({ max: 10_000, ttl: CACHE_MS });

  constructor(pool: Pool, tokens: Tokens) {
    this.#pool = pool;
    this.#tokens = tokens;
  }

  async byAccessToken(token: string): Promise<Principal | undefined> {
    const claims = await this.#tokens.verify(token);
    if (!claims) return undefined;
    const row = await this.#validSession(claims.sessionId, () => findSession(this.#pool, claims.sessionId));
    return row?.user_id === claims.userId ? principalOf(row, "bearer") : undefined;
  }

  async byCookie(cookie: string): Promise<Principal | undefined> {
    const hash = sha256(cookie);
    const row = await this.#validSession(hash.toString("base64"), () => findSessionByToken(this.#pool, hash));
    return row && principalOf(row, "cookie");
  }

  /** Whether the session behind `principal` still stands. */
  async isValid(principal: Principal): Promise<boolean> {
    return (
      (await this.#validSession(principal.sessionId, () => findSession(this.#pool, principal.sessionId))) !== undefined
    );
  }

  /** Opens a session within the caller's transaction. */
  async open(client: PoolClient, userId: number): Promise<NewSession> {
    const cookie = newSecret();
    const sessionId = await addSession(client, { userId, tokenSha256: sha256(cookie), seconds: SESSION_SECONDS });
    return { sessionId, cookie, accessToken: await this.#tokens.issue({ userId, sessionId }) };
  }

  /** A new cookie and access token for the same session; the old cookie is worth nothing from now on. */
  async renew(client: PoolClient, { sessionId, userId }: Principal): Promise<NewSession | undefined> {
    const cookie = newSecret();
    if (!(await renewSession(client, sessionId, sha256(cookie), SESSION_SECONDS))) return undefined;
    this.clearCache();
    return { sessionId, cookie, accessToken: await this.#tokens.issue({ userId, sessionId }) };
  }

  /** To be called when sessions or users have changed. */
  clearCache(): void {
    this.#cache.clear();
  }

  async #validSession(key: string, find: () => Promise<SessionRow | undefined>): Promise<SessionRow | undefined> {
    const believed = this.#cache.get(key);
    if (believed) return believed;
    const row = await find();
    if (row) this.#cache.set(key, row);
    return row;
  }
}

function principalOf(row: SessionRow, by: Principal["authMethod"]): Principal {
  return { userId: row.user_id, sessionId: row.session_id, email: row.email, role: row.role, authMethod: by };
}
