import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../../../ingest/decisions/record-facts.ts";
import type { AddAuditEntry } from "../../http/audit/queries.ts";
import { NO_PASSWORD } from "../passwords.ts";
import { type Limits, principalName } from "../principal.ts";
import type { Role } from "../roles.ts";
import type { OidcIdentity } from "./claims.ts";

/** A user of an external provider. */
export interface OidcUser {
  id: number;
  email: string;
  role: Role;
  active: boolean;
  location_ids: number[] | null;
  owner_ids: number[] | null;
}

const CACHE_MS = 5000;
const COLUMNS = "id, email, role, active, location_ids, owner_ids";

/** Users are who their provider says: issuer and subject. One that is seen for the first time gets a row, without a password. */
export class OidcUsers {
  readonly #pool: Pool;
  readonly #addAuditEntry: AddAuditEntry;
  readonly #cache = new LRUCache<string, OidcUser>({ max: 10_000, ttl: CACHE_MS });
  /** how often the cache was cleared */
  #generation = 0;

  constructor(pool: Pool, addAuditEntry: AddAuditEntry) {
    this.#pool = pool;
    this.#addAuditEntry = addAuditEntry;
  }

  /** Finds the user of an identity, or adds one in this role. */
  async findOrAdd(identity: OidcIdentity, role: Role): Promise<OidcUser> {
    const key = `${identity.issuer} ${identity.subject}`;
    const cached = this.#cache.get(key);
    if (cached) return cached;
    const generation = this.#generation;
    const start = performance.now();
    const user =
      (await find(this.#pool, identity)) ??
      (await inTransaction(this.#pool, (client) => this.#add(client, identity, role)));
    // What has changed while it was read may not be in it.
    if (generation === this.#generation) this.#cache.set(key, user, { start });
    return user;
  }

  /** @returns undefined when the user is not active */
  async limitsOfActive(id: number): Promise<Limits | undefined> {
    const { rows } = await this.#pool.query<Limits>(
      'SELECT location_ids AS "locationIds", owner_ids AS "ownerIds" FROM users WHERE id = $1 AND active',
      [id],
    );
    return rows[0];
  }

  /** Call it when users have changed. */
  clearCache(): void {
    this.#generation += 1;
    this.#cache.clear();
  }

  async #add(client: PoolClient, identity: OidcIdentity, role: Role): Promise<OidcUser> {
    const { issuer, subject, email, name } = identity;
    // An address that another account has is not taken from it, and does not give access to it.
    const { rows } = await client.query<OidcUser>(
      `INSERT INTO users (email, name, role, password_hash, oidc_issuer, oidc_subject)
        VALUES (CASE WHEN $1::text IS NULL OR EXISTS (SELECT FROM users WHERE lower(email) = lower($1)) THEN $2 ELSE $1 END,
          $3, $4, $5, $6, $7)
        ON CONFLICT (oidc_issuer, oidc_subject) DO NOTHING RETURNING ${COLUMNS}`,
      [email ?? null, placeholderEmail(identity), name ?? null, role, NO_PASSWORD, issuer, subject],
    );
    const added = rows[0];
    // Another process was first.
    if (!added) return (await find(client, identity))!;
    const actor = principalName({ kind: "user", id: added.id });
    const detail = { issuer, subject };
    await this.#addAuditEntry(client, { actor, action: "first seen", subject: added.email, outcome: "done", detail });
    return added;
  }
}

async function find(db: Pool | PoolClient, { issuer, subject }: OidcIdentity): Promise<OidcUser | undefined> {
  const { rows } = await db.query<OidcUser>(
    `SELECT ${COLUMNS} FROM users WHERE oidc_issuer = $1 AND oidc_subject = $2`,
    [issuer, subject],
  );
  return rows[0];
}

/** What stands for an address that the provider does not tell, or that another account has. */
function placeholderEmail({ issuer, subject }: OidcIdentity): string {
  const hash = createHash("sha256").update(`${issuer} ${subject}`).digest("hex").slice(0, 16);
  return `${hash}@${new URL(issuer).hostname}`;
}
