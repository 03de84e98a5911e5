import { LRUCache } from "lru-cache";
import type { Pool, PoolClient } from "pg";
import type { Principal } from "./principal.ts";
import { newSecret, sha256 } from "./secrets.ts";
import { addSession, findSession, findSessionByToken, renewSession, type SessionRow } from "./session-queries.ts";
import type { Tokens } from "./tokens.ts";

/** A browser session ends this many seconds after it was opened or renewed. */
export const SESSION_SECONDS = 12 * 3600;
/** Sessions are cached for this long. Another API process may accept a revoked session until then; this one does not. */
const CACHE_MS = 5000;

export interface NewSession {
  sessionId: string;
  cookie: string;
  accessToken: string;
}

/** Opens sessions, and finds the principal behind an access token or a cookie. */
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

  /** Whether the session behind `principal` is neither revoked nor expired, and its user active. */
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

  /** Gives a session a new cookie and access token; the old cookie is no longer valid. @returns undefined when revoked */
  async renew(client: PoolClient, { sessionId, userId }: Principal): Promise<NewSession | undefined> {
    const cookie = newSecret();
    if (!(await renewSession(client, sessionId, sha256(cookie), SESSION_SECONDS))) return undefined;
    this.clearCache();
    return { sessionId, cookie, accessToken: await this.#tokens.issue({ userId, sessionId }) };
  }

  /** Call it when sessions or users have changed. */
  clearCache(): void {
    this.#cache.clear();
  }

  async #validSession(key: string, find: () => Promise<SessionRow | undefined>): Promise<SessionRow | undefined> {
    const cached = this.#cache.get(key);
    if (cached) return cached;
    const row = await find();
    if (row) this.#cache.set(key, row);
    return row;
  }
}

function principalOf(row: SessionRow, by: Principal["authMethod"]): Principal {
  return { userId: row.user_id, sessionId: row.session_id, email: row.email, role: row.role, authMethod: by };
}
