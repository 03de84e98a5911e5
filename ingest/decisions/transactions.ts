import type { Pool, PoolClient } from "pg";
import type { SemaphoreInterface } from "async-mutex";
import { createSemaphore } from "./semaphore.ts";
import { isVersionConflict } from "../stores/statement.ts";

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
const SHARED = `SELECT ${lockTimeout(WAIT_MS)}, pg_advisory_xact_lock_shared(hashtext('waystock changes'))`;
const EXCLUSIVE = `SELECT ${lockTimeout(WAIT_MS)}, pg_advisory_xact_lock(hashtext('waystock changes'))`;
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
  return withClient(pool, async (client, rollback) => {
    await client.query("BEGIN");
    try {
      await client.query(EXCLUSIVE_FOR_BATCH).catch((error: unknown) => {
        if (!isLockTimeout(error)) throw error;
      });
      return await work();
    } finally {
      await rollback();
    }
  });
}

/** Runs `work` in one transaction, once: for rows that no fold reads, such as sessions. */
export function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return withClient(pool, async (client, rollback) => {
    try {
      await client.query("BEGIN");
      const result = await work(client);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      await rollback();
      throw error;
    }
  });
}

/** Lends a connection and its rollback. A connection that broke in the meantime does not return to the pool. */
async function withClient<T>(
  pool: Pool,
  work: (client: PoolClient, rollback: () => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const lost = (error: Error) => (broken = error);
  // Only this event reports a connection that breaks while no query runs; without a listener it would end the process.
  client.on("error", lost);
  try {
    return await work(client, () => client.query("ROLLBACK").catch(lost));
  } finally {
    client.off("error", lost);
    client.release(broken);
  }
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === LOCK_TIMEOUT;
}
