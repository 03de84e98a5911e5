import pg from "pg";

/** A connection that has been idle for longer proves itself before it is lent again, milliseconds. */
const PROOF_AFTER_MS = 1_000;
/** … and has this long to answer, milliseconds */
const PROOF_WITHIN_MS = 2_000;

/** Postgres' disk_full. */
const DISK_FULL = "53100";
/** A disk that was full so long ago may have room again, milliseconds. */
const DISK_FULL_FOR_MS = 15_000;

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/** Closed on suspicion: that says nothing new about the others. */
class SuspectedConnection extends Error {}

/**
 * A pool that lends only connections that still lead to a server. A network that has gone silent ends no connection, so an
 * idle one has to answer a query before it is lent. When one does not answer, all that were idle then are closed without
 * being asked: eight dead connections cost one wait, not eight.
 */
export class ProvenPool extends pg.Pool {
  /** when each connection was last known to work (monotonic clock, milliseconds) */
  readonly #provenAt = new WeakMap<pg.PoolClient, number>();
  /** connections that have not worked since then may be dead */
  #suspectedAt = Number.NEGATIVE_INFINITY;

  /** since when each connection is lent, the longest first (monotonic clock, milliseconds) */
  readonly #lentAt = new Map<pg.PoolClient, number>();
  #diskFullAt = Number.NEGATIVE_INFINITY;

  constructor(config: pg.PoolConfig) {
    super(config);
    this.on("connect", (client) => {
      // Without a listener, a connection that breaks while it is lent would end the process. Queries report their own errors.
      client.on("error", () => undefined);
      client.connection.on("errorMessage", ({ code }: { code?: string }) => {
        if (code === DISK_FULL) this.#diskFullAt = performance.now();
      });
      this.#provenAt.set(client, performance.now());
    });
    this.on("acquire", (client) => this.#lentAt.set(client, performance.now()));
    this.on("release", (error, client) => {
      this.#lentAt.delete(client);
      if (isUnanswered(error) && !(error instanceof SuspectedConnection)) this.#suspectedAt = performance.now();
      else if (!error) this.#provenAt.set(client, performance.now());
    });
  }

  /** How long the connection that is lent the longest has been out, milliseconds: a server that is silent shows here first. */
  get longestLentMs(): number {
    const [since] = this.#lentAt.values();
    return since === undefined ? 0 : performance.now() - since;
  }

  /** Whether the server has lately refused a write because its disk is full: it still answers queries. */
  get isDiskFull(): boolean {
    return performance.now() - this.#diskFullAt < DISK_FULL_FOR_MS;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | void {
    if (callback !== undefined) return this.#lend(callback);
    return new Promise((resolve, reject) => {
      this.#lend((error, client) => (client === undefined ? reject(error) : resolve(client)));
    });
  }

  #lend(callback: Callback): void {
    super.connect((error, client, done) => {
      if (client === undefined) return callback(error, client, done);
      const provenAt = this.#provenAt.get(client) ?? Number.NEGATIVE_INFINITY;
      if (provenAt <= this.#suspectedAt) return this.#replace(client, new SuspectedConnection(), callback);
      if (performance.now() - provenAt < PROOF_AFTER_MS) return callback(undefined, client, done);
      const proof: pg.QueryConfig & { query_timeout: number } = { text: "SELECT 1", query_timeout: PROOF_WITHIN_MS };
      client.query(proof, (failure: Error | null) => {
        if (failure) this.#replace(client, failure, callback);
        else callback(undefined, client, done);
      });
    });
  }

  /** Closes a connection at once, since a silent peer confirms no end, and lends another one. */
  #replace(client: pg.PoolClient, reason: Error, callback: Callback): void {
    client.connection.stream.destroy();
    client.release(reason);
    this.#lend(callback);
  }
}

/** Whether a query ended without the server's answer. An answer, of whatever kind, has an SQLSTATE (5 characters). */
function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  return !(typeof code === "string" && /^[0-9A-Z]{5}$/.test(code));
}
