import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Pool, PoolClient } from "pg";
import type { PostgresListener } from "../live/postgres-listener.ts";
import { haveSameLimits } from "./limits.ts";
import type { Limits, UserPrincipal } from "./principal.ts";
import type { Role } from "./roles.ts";
import { newSecret, sha256 } from "./secrets.ts";
import {
  addSession,
  endSession,
  findSession,
  findSessionByToken,
  rotateToken,
  type SessionOrigin,
  type SessionRow,
} from "./session-queries.ts";
import type { Tokens, UserClaims } from "./tokens.ts";

/** A browser session ends this many seconds after it was opened or renewed, and never later than 30 days after the former. */
const SESSION_SECONDS = 12 * 3600;
/** Sessions are cached for this long at most; Postgres tells at once when they change. */
const CACHE_MS = 5000;

const UNKNOWN_ORIGIN: SessionOrigin = { address: undefined, userAgent: undefined };

export interface NewSession {
  cookie: string;
  /** the life of the cookie */
  seconds: number;
  accessToken: string;
}

/** The outcome of a renewal; `replayed`: the cookie had been renewed before, so its session was ended. */
export type Renewal =
  | { type: "renewed"; session: NewSession; role: Role }
  | { type: "replayed"; userId: number }
  | { type: "ended" };

/** Opens sessions, and finds the user behind an access token or a cookie. */
export class Sessions {
  readonly #pool: Pool;
  readonly #tokens: Tokens;
  readonly #cache = new LRUCache<string, SessionRow>({ max: 10_000, ttl: CACHE_MS });
  /** how often the cache was cleared */
  #generation = 0;

  constructor(pool: Pool, tokens: Tokens) {
    this.#pool = pool;
    this.#tokens = tokens;
  }

  async byClaims(claims: UserClaims): Promise<UserPrincipal | undefined> {
    const row = await this.#validSession(claims.sessionId, () => findSession(this.#pool, claims.sessionId));
    return row?.user_id === claims.userId ? principalOf(row, "bearer") : undefined;
  }

  async byCookie(cookie: string): Promise<UserPrincipal | undefined> {
    const hash = sha256(cookie);
    const row = await this.#validSession(hash.toString("base64"), () => findSessionByToken(this.#pool, hash));
    return row && principalOf(row, "cookie");
  }

  /** Whether the session behind `principal` is neither revoked nor expired, and its user active, in the same role and limits. */
  async isValid({ sessionId, role, limits }: UserPrincipal): Promise<boolean> {
    if (sessionId === null) return false;
    const row = await this.#validSession(sessionId, () => findSession(this.#pool, sessionId));
    return row?.role === role && haveSameLimits(limitsOf(row), limits);
  }

  /** Opens a session within the caller's transaction. */
  async open(client: PoolClient, userId: number, origin: SessionOrigin = UNKNOWN_ORIGIN): Promise<NewSession> {
    const sessionId = randomUUID();
    const cookie = newCookie(sessionId);
    const tokenSha256 = sha256(cookie);
    await addSession(client, { id: sessionId, userId, tokenSha256, seconds: SESSION_SECONDS, ...origin });
    return { cookie, seconds: SESSION_SECONDS, accessToken: await this.#tokens.issue({ userId, sessionId }) };
  }

  /**
   * Gives the session of a cookie a new cookie and access token, within the caller's transaction; the old cookie is no
   * longer valid. When it comes again, it was stolen, or the new one was: the session ends (RFC 9700 §4.14.2).
   */
  async renew(client: PoolClient, cookie: string, address: string | undefined): Promise<Renewal> {
    const row = await findSessionByToken(client, sha256(cookie));
    const sessionId = row?.session_id ?? sessionIdOf(cookie);
    if (sessionId === undefined) return { type: "ended" };
    const renewed = newCookie(sessionId);
    const change = { oldSha256: sha256(cookie), newSha256: sha256(renewed), seconds: SESSION_SECONDS, address };
    const seconds = row && (await rotateToken(client, sessionId, change));
    if (row && seconds !== undefined) {
      const accessToken = await this.#tokens.issue({ userId: row.user_id, sessionId });
      return { type: "renewed", session: { cookie: renewed, seconds, accessToken }, role: row.role };
    }
    const userId = await endSession(client, sessionId);
    return userId === undefined ? { type: "ended" } : { type: "replayed", userId };
  }

  /** Call it when sessions or users have changed. */
  clearCache(): void {
    this.#generation += 1;
    this.#cache.clear();
  }

  /**
   * Keeps the cache true to changes that other processes commit.
   * @param onChanged called with the id of a user whose sessions, role or activity may have changed; undefined: of any user
   * @returns a function that ends the subscription
   */
  watch(listener: PostgresListener, onChanged: (userId: number | undefined) => void): () => void {
    const changed = (userId: number | undefined): void => {
      this.clearCache();
      onChanged(userId);
    };
    return listener.subscribe({
      channel: "sessions",
      onNotify: (userId) => changed(Number(userId)),
      onListening: () => changed(undefined),
    });
  }

  async #validSession(key: string, find: () => Promise<SessionRow | undefined>): Promise<SessionRow | undefined> {
    const cached = this.#cache.get(key);
    if (cached) return cached;
    const generation = this.#generation;
    const start = performance.now();
    const row = await find();
    // What has changed while it was read may not be in it.
    if (row && generation === this.#generation) this.#cache.set(key, row, { start });
    return row;
  }
}

/** The cookie of a session names it, so that an old one can be told from one that never was: 16 bytes, then 32 random ones. */
const newCookie = (sessionId: string): string =>
  Buffer.from(sessionId.replaceAll("-", ""), "hex").toString("base64url") + newSecret();

function sessionIdOf(cookie: string): string | undefined {
  if (!/^[\w-]{65}$/.test(cookie)) return undefined;
  const hex = Buffer.from(cookie.slice(0, 22), "base64url").toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const limitsOf = (row: SessionRow): Limits => ({ locationIds: row.location_ids, ownerIds: row.owner_ids });

function principalOf(row: SessionRow, authMethod: UserPrincipal["authMethod"]): UserPrincipal {
  const { user_id: id, session_id: sessionId, email, role } = row;
  return { kind: "user", id, sessionId, email, role, limits: limitsOf(row), authMethod };
}
