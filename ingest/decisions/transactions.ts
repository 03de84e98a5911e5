import type { Pool, PoolClient } from "pg";
import type { SemaphoreInterface } from "async-mutex";
import { createSemaphore } from "./semaphore.ts";
import { isVersionConflict } from "../stores/statement.ts";

/** Losing a race this often in a row means something else is wrong. */
const MAX_ATTEMPTS = 20;
/** … and whoever began so long ago does not begin again, milliseconds. */
const GIVE_UP_MS = 10_000;
/** Whoever has lost so often goes alone: the lock is shared by all who change something, until one of them has enough. */
const MAX_LOST_RACES = 3;
/** How long a change waits for others, before it begins and for each lock, milliseconds. Then whoever asked is told so. */
const WAIT_MS = 5_000;
/** Far more changes than one pool can commit within `WAIT_MS`: more need not wait, and none piles up while Postgres hangs. */
const MAX_QUEUED = 1_000;
/** A worker that wants to be alone makes all newcomers wait with it, so it waits less. */
const EXCLUSIVE_WAIT_MS = 1_000;
/** Being alone ends by itself: a worker that hangs, or is cut off, holds up nobody for longer, milliseconds. */
const MAX_EXCLUSIVE_MS = 10_000;
/** Of a pool's connections; the others are for reads, however many changes wait for each other. */
const MAX_CONNECTION_SHARE = 0.5;

/** PostgreSQL's `lock_not_available`: the lock was not had within `lock_timeout`. */
const LOCK_TIMEOUT = "55P03";

const lockTimeout = (waitMs: number) => `set_config('lock_timeout', '${waitMs}', true)`;
const SHARED = `SELECT ${lockTimeout(WAIT_MS)}, pg_advisory_xact_lock_shared(hashtext('waystock changes'))`;
const EXCLUSIVE = `SELECT ${lockTimeout(WAIT_MS)}, pg_advisory_xact_lock(hashtext('waystock changes'))`;
const EXCLUSIVE_FOR_A_WHILE = `SELECT ${lockTimeout(EXCLUSIVE_WAIT_MS)},
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
 * Runs `work` in one transaction; when a concurrent change made what it folded stale, runs it again from the start.
 * @throws AcquireTimeout, or the database's lock_not_available (55P03), when others were in the way for too long
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
 * Runs `work` while nobody else changes anything by `inTransaction`: for a worker whose large batches would lose to many
 * small changes again and again. Where others do not end in time it runs beside them: what it commits is guarded anyhow.
 */
export function exclusively<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  return withClient(pool, async (client, rollback) => {
    await client.query("BEGIN");
    try {
      await client.query(EXCLUSIVE_FOR_A_WHILE).catch((error: unknown) => {
        if (!isLockTimeout(error)) throw error;
      });
      return await work();
    } finally {
      await rollback();
    }
  });
}

/** Runs `work` in one transaction, once: for what nothing is folded from, such as a session. */
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

/** Lends a connection, with a way to take everything back; one that was lost meanwhile does not return to the pool. */
async function withClient<T>(
  pool: Pool,
  work: (client: PoolClient, rollback: () => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const lost = (error: Error) => (broken = error);
  // While nothing is asked of it a lost connection is told by this event alone, and ends the process if nobody listens.
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
