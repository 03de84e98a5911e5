import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { Pool, PoolClient } from "pg";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { addKnownPlaces, findKnownPlace, markBrowser, placesOf } from "../../auth/known-places.ts";
import { LinkThrottle, LoginThrottle } from "../../auth/login-throttle.ts";
import { verifyPassword } from "../../auth/passwords.ts";
import { principalName } from "../../auth/principal.ts";
import type { Role } from "../../auth/roles.ts";
import type { Sealer } from "../../auth/sealing.ts";
import { CodeThrottle } from "../../auth/second-factor/code-throttle.ts";
import { takeCode } from "../../auth/second-factor/take-code.ts";
import type { NewSession, Sessions } from "../../auth/sessions.ts";
import { TOKEN_SECONDS } from "../../auth/tokens.ts";
import type { ApiDeps, ApiEnv } from "../../deps.ts";
import type { AddAuditEntry } from "../../http/audit/queries.ts";
import { SESSION_COOKIE } from "../../http/authenticate.ts";
import { Problem } from "../../http/problem.ts";

/** Somebody who says that an account is theirs. */
interface Claim {
  email: string;
  /** undefined: there is no such account */
  hash: string | undefined;
  /** whether a session says so too */
  isSignedIn: boolean;
}

interface Account {
  id: number;
  email: string;
}

/** What proves who somebody is, and how often each proof may fail; and the session that follows from it. */
export class SignIn {
  /** links that do not exist */
  readonly links: LinkThrottle;
  /** asking for a link: whoever uses that up can still open one */
  readonly resetRequests: LinkThrottle;
  readonly #pool: Pool;
  readonly #sessions: Sessions;
  readonly #addAuditEntry: AddAuditEntry;
  readonly #clientAddress: ApiDeps["clientAddress"];
  readonly #sealer: Sealer;
  readonly #passwords: LoginThrottle;
  readonly #codes: CodeThrottle;
  readonly #secure: boolean;

  constructor(
    { pool, settings, clientAddress, createAttemptCounter, sealer }: ApiDeps,
    sessions: Sessions,
    addAuditEntry: AddAuditEntry,
  ) {
    this.#pool = pool;
    this.#sessions = sessions;
    this.#addAuditEntry = addAuditEntry;
    this.#clientAddress = clientAddress;
    this.#sealer = sealer;
    this.#passwords = new LoginThrottle(settings.loginAttempts, createAttemptCounter);
    this.#codes = new CodeThrottle(settings.loginAttempts, createAttemptCounter);
    this.resetRequests = new LinkThrottle(settings.loginAttempts, createAttemptCounter);
    this.links = new LinkThrottle(settings.loginAttempts, createAttemptCounter);
    this.#secure = settings.publicUrl.startsWith("https:");
  }

  /** Where a request comes from, as limits see it; undefined without a socket. */
  addressOf(c: Context<ApiEnv>): string | undefined {
    return this.#clientAddress(c.env?.incoming?.socket?.remoteAddress, c.req.header("X-Forwarded-For"));
  }

  /** @throws Problem 429 when the attempts of this account are used up, 503 when too many passwords wait */
  async isPassword(c: Context<ApiEnv>, { email, hash, isSignedIn }: Claim, password: string): Promise<boolean> {
    const address = this.addressOf(c);
    const knownPlace = await this.#knownPlace(c, email);
    const isTrusted = isSignedIn || knownPlace !== undefined;
    return this.#passwords.attempt({ email, address, knownPlace }, () => verifyPassword(password, hash, isTrusted));
  }

  /**
   * Whether a code of the second factor is right; it is used up then.
   * @param take what takes it, of a second factor that is on or one that is being set up
   * @throws Problem 429 when the attempts of this account are used up
   */
  async isCode(c: Context<ApiEnv>, user: Account, code: string, take = takeCode): Promise<boolean> {
    const attempt = { userId: user.id, knownPlace: await this.#knownPlace(c, user.email) };
    this.#codes.begin(attempt, performance.now());
    const isRight = await transaction(this.#pool, (client) => take(client, this.#sealer, user.id, code, Date.now()));
    if (isRight) this.#codes.succeeded(attempt);
    else await this.recordDenied(principalName({ kind: "user", id: user.id }), "second factor", null);
    return isRight;
  }

  /** @throws Problem 401, by whose type a program knows that the code is missing or wrong; 429 as `isCode` */
  async demandCode(c: Context<ApiEnv>, user: Account, code: string | undefined): Promise<void> {
    if (code === undefined) {
      throw new Problem(401, "send a code of the second factor too", { type: "second-factor-required" });
    }
    if (!(await this.isCode(c, user, code))) {
      throw new Problem(401, "the code is wrong, or was used before", { type: "second-factor-refused" });
    }
  }

  /** Opens a session within the caller's transaction, and remembers the place it is opened from. */
  async openSession(c: Context<ApiEnv>, client: PoolClient, userId: number, action: string): Promise<NewSession> {
    const actor = principalName({ kind: "user", id: userId });
    await this.#addAuditEntry(client, { actor, action, subject: null, outcome: "done", detail: null });
    const address = this.addressOf(c);
    await addKnownPlaces(client, userId, markBrowser(c, address, this.#secure));
    return this.#sessions.open(client, userId, { address, userAgent: c.req.header("User-Agent") });
  }

  /** Call it once a transaction that has ended sessions is committed. */
  sessionsEnded(): void {
    this.#sessions.clearCache();
  }

  setCookie(c: Context<ApiEnv>, { cookie, seconds }: NewSession): void {
    const options = { httpOnly: true, secure: this.#secure, sameSite: "Strict", path: "/", maxAge: seconds } as const;
    setCookie(c, SESSION_COOKIE, cookie, options);
  }

  /** Answers with the access token, and sets the session cookie. */
  sendSession(c: Context<ApiEnv>, session: NewSession, role: Role): Response {
    const { accessToken } = session;
    this.setCookie(c, session);
    c.header("Cache-Control", "no-store");
    return c.json({ access_token: accessToken, token_type: "Bearer", expires_in: TOKEN_SECONDS, role });
  }

  deleteCookie(c: Context<ApiEnv>): void {
    deleteCookie(c, SESSION_COOKIE, { path: "/", secure: this.#secure });
  }

  recordDenied(actor: string, action: string, subject: string | null): Promise<void> {
    return this.#addAuditEntry(this.#pool, { actor, action, subject, outcome: "refused", detail: null });
  }

  async #knownPlace(c: Context<ApiEnv>, email: string): Promise<string | undefined> {
    return findKnownPlace(this.#pool, email, placesOf(c, this.addressOf(c)));
  }
}
