import { timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { PostgresListener } from "../live/postgres-listener.ts";
import { type ApiClientRow, findActiveClient, noteUse } from "./api-client-queries.ts";
import type { ClientPrincipal } from "./principal.ts";
import { sha256 } from "./secrets.ts";
import type { ClientClaims } from "./tokens.ts";

/** Clients are cached for this long at most; Postgres tells at once when they change. */
const CACHE_MS = 5000;
const USE_MS = 60_000;
/** Compared with when there is no such client or secret, so that the check takes the same time. */
const NO_SECRET = Buffer.alloc(32);

/** Finds the API client behind a client id and secret, or behind an access token. */
export class ApiClients {
  readonly #pool: Pool;
  readonly #log: Logger;
  /** by client id; `absent`: there is none that may act, so that guessed ids do not load Postgres */
  readonly #cache = new LRUCache<string, ApiClientRow | "absent">({ max: 10_000, ttl: CACHE_MS });
  /** how often the cache was cleared */
  #generation = 0;
  readonly #used = new LRUCache<number, true>({ max: 10_000, ttl: USE_MS });

  constructor(pool: Pool, log: Logger) {
    this.#pool = pool;
    this.#log = log;
  }

  /** @returns what its tokens are issued for; undefined: no client that may act has this id and secret */
  async authenticate(clientId: string, secret: string): Promise<ClientPrincipal | undefined> {
    const row = await this.#find(clientId);
    const given = sha256(secret);
    let secretId: number | undefined;
    for (const known of [...(row?.secrets ?? []), undefined]) {
      const isSame = timingSafeEqual(known === undefined ? NO_SECRET : Buffer.from(known.sha256, "base64"), given);
      if (isSame) secretId ??= known?.id;
    }
    if (!row || secretId === undefined) return undefined;
    this.#noteUse(row.id);
    return principalOf(row, grantOf(row, secretId));
  }

  async byClaims({ clientId, grant }: ClientClaims): Promise<ClientPrincipal | undefined> {
    const row = await this.#find(clientId);
    if (!row || !isInForce(row, grant)) return undefined;
    this.#noteUse(row.id);
    return principalOf(row, grant);
  }

  /** Whether the client may act with the same rights as when its token was issued. */
  async isValid({ clientId, grant }: ClientPrincipal): Promise<boolean> {
    const row = await this.#find(clientId);
    return row !== undefined && isInForce(row, grant);
  }

  /** Call it when clients have changed. */
  clearCache(): void {
    this.#generation += 1;
    this.#cache.clear();
  }

  /**
   * Keeps the cache true to changes that other processes commit.
   * @param onChanged called with the id of a client that may have changed; undefined: any client
   * @returns a function that ends the subscription
   */
  watch(listener: PostgresListener, onChanged: (id: number | undefined) => void): () => void {
    const changed = (id: number | undefined): void => {
      this.clearCache();
      onChanged(id);
    };
    return listener.subscribe({
      channel: "api_clients",
      onNotify: (id) => changed(Number(id)),
      onListening: () => changed(undefined),
    });
  }

  async #find(clientId: string): Promise<ApiClientRow | undefined> {
    const cached = this.#cache.get(clientId);
    if (cached) return cached === "absent" ? undefined : cached;
    const generation = this.#generation;
    const start = performance.now();
    const row = await findActiveClient(this.#pool, clientId);
    // The entry expires with the client, at the latest after CACHE_MS.
    const ttl = Math.max(1, Math.min(CACHE_MS, (row?.endsAtMs ?? Number.POSITIVE_INFINITY) - start));
    // What has changed while it was read may not be in it.
    if (generation === this.#generation) this.#cache.set(clientId, row ?? "absent", { ttl, start });
    return row;
  }

  /** No request waits for it, and none fails by it. */
  #noteUse(id: number): void {
    if (this.#used.has(id)) return;
    this.#used.set(id, true);
    noteUse(this.#pool, id).catch((error: unknown) => {
      this.#used.delete(id);
      this.#log.debug({ err: error, client: id }, "last_used_at of an API client could not be written");
    });
  }
}

/** What a token is issued for: the rights of the client, and the secret it was bought with. It ends with either. */
const grantOf = ({ token_generation }: ApiClientRow, secretId: number): string => `${token_generation}.${secretId}`;

const isInForce = (row: ApiClientRow, grant: string): boolean =>
  row.secrets.some((secret) => grantOf(row, secret.id) === grant);

function principalOf(row: ApiClientRow, grant: string): ClientPrincipal {
  const { id, client_id: clientId, name, role, location_ids: locationIds, owner_ids: ownerIds, endsAtMs } = row;
  return {
    kind: "client",
    id,
    clientId,
    name,
    role,
    limits: { locationIds, ownerIds },
    grant,
    endsAtMs,
    authMethod: "bearer",
  };
}
