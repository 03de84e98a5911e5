import type { Pool, PoolClient } from "pg";
import type { SemaphoreInterface } from "async-mutex";
import { createSemaphore } from "./semaphore.ts";
import { isVersionConflict } from "../stores/statement.ts";
import { withClient } from "../stores/with-client.ts";

/** After so many version conflicts in a row, something else is wrong. */
const MAX_ATTEMPTS = 20;
/** … and a change does not start again this long after its first attempt, milliseconds. */
const GIVE_UP_MS = 10_000;
/** All changes share one advisory lock. After so many version conflicts in a row, a change takes it exclusively. */
const MAX_LOST_RACES = 3;
/** How long a change waits to begin, and for each lock, milliseconds. Then the caller gets an error. */
const WAIT_MS = 5_000;
/** Far more changes than one pool can commit within `WAIT_MS`, so that callers do not pile up while Postgres hangs. */
const MAX_QUEUED = 1_000;
/** While a worker waits for the exclusive lock, all new changes wait too: so it waits less, milliseconds. */
const EXCLUSIVE_WAIT_MS = 1_000;
/** Postgres ends the exclusive lock of a worker that hangs or has lost its connection after this, milliseconds. */
const MAX_EXCLUSIVE_MS = 10_000;
/** Changes get this share of a pool's connections; the others stay free for reads. */
const MAX_CONNECTION_SHARE = 0.5;

/** PostgreSQL's `lock_not_available`: no lock within `lock_timeout`. */
const LOCK_TIMEOUT = "55P03";

const lockTimeout = (waitMs: number) => `set_config('lock_timeout', '${waitMs}', true)`;
/** To plan the statements that read histories takes longer than to run them, so each connection plans them once. */
const PLAN_ONCE = "set_config('plan_cache_mode', 'force_generic_plan', true)";
const BEGIN_CHANGE = `SELECT ${lockTimeout(WAIT_MS)}, ${PLAN_ONCE}`;
const SHARED = `${BEGIN_CHANGE}, pg_advisory_xact_lock_shared(hashtext('waystock changes'))`;
const EXCLUSIVE = `${BEGIN_CHANGE}, pg_advisory_xact_lock(hashtext('waystock changes'))`;
const EXCLUSIVE_FOR_BATCH = `SELECT ${lockTimeout(EXCLUSIVE_WAIT_MS)},
  set_config('idle_in_transaction_session_timeout', '${MAX_EXCLUSIVE_MS}', true), pg_advisory_xact_lock(hashtext('waystock changes'))`;

const semaphores = new WeakMap<Pool, SemaphoreInterface>();

function semaphoreOf(pool: Pool): SemaphoreInterface {
  let semaphore = semaphores.get(pool);
  if (semaphore === undefined) {
    const permits = Math.max(1, Math.floor(pool.options.max * MAX_CONNECTION_SHARE));
    semaphores.set(pool, (semaphore = createSemaphore(permits, WAIT_MS, MAX_QUEUED)));
  }
  return semaphore;
}

/**
 * Runs `work` in one transaction, and from the start again after a version conflict.
 * @throws AcquireTimeout, or the database's lock_not_available (55P03), when other changes took too long
 */
export function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return semaphoreOf(pool).runExclusive(async () => {
    const began = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await transaction(pool, async (client) => {
          await client.query(attempt > MAX_LOST_RACES ? EXCLUSIVE : SHARED);
          return work(client);
        });
      } catch (error) {
        if (!isVersionConflict(error) || attempt >= MAX_ATTEMPTS || performance.now() - began > GIVE_UP_MS) throw error;
      }
    }
  });
}

/**
 * Runs `work` under the exclusive lock, while no change by `inTransaction` runs: for a worker whose large batches would
 * meet version conflicts with many small changes again and again. When the lock does not come in time, `work` runs without
 * it: what it commits is guarded anyway.
 */
export function exclusively<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  return withClient(pool, async (client) => {
    await client.query("BEGIN");
    await client.query(EXCLUSIVE_FOR_BATCH).catch((error: unknown) => {
      if (!isLockTimeout(error)) throw error;
    });
    // The transaction holds only the lock. It is rolled back when the connection is returned.
    return work();
  });
}

/**
 * Runs `work` in one transaction, once: for rows that no fold reads, such as sessions.
 * @param begin what begins the transaction
 * @throws where `work` has caught the error of a statement: Postgres then commits nothing
 */
export function transaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  begin: string = "BEGIN",
): Promise<T> {
  return withClient(pool, async (client) => {
    await client.query(begin);
    const result = await work(client);
    const { command } = await client.query("COMMIT");
    if (command !== "COMMIT") throw new Error("a statement of the transaction had failed: nothing was committed");
    return result;
  });
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === LOCK_TIMEOUT;
}
