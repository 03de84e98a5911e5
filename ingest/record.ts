import type { Pool, PoolClient } from "pg";
import { decide } from "./decide.ts";
import type { NewFact, Subject } from "./domain/fact.ts";
import { loadPlaces } from "./stores/places.ts";
import { notify } from "./stores/parts/messages.ts";
import { isStale, runParts } from "./stores/statement.ts";

export { StaleVersion } from "./stale-version.ts";

/** What is to be recorded in one go. */
export interface Recording {
  facts: readonly NewFact[];
  /** subjects to fold again although they got no new fact, e.g. after a change of destination */
  refold?: readonly Subject[];
  /** versions a person's change was based on (If-Match); another version refuses the recording */
  expected?: ReadonlyMap<Subject, number>;
}

/**
 * Records facts by people exactly as the worker records facts by sensors: load what the facts concern, fold, and commit
 * in one guarded statement. Call it within `inTransaction`.
 * @throws StaleVersion when `expected` no longer holds
 */
export async function record(client: PoolClient, { facts, refold, expected }: Recording): Promise<void> {
  const places = await loadPlaces(client);
  const changes = { added: facts, withdrawn: [], refold: refold ?? [], expected };
  const { parts, shipmentIds, stockIds } = await decide(client, changes, places);
  const notice = notify({
    ...(shipmentIds.length > 0 && { shipments: shipmentIds }),
    ...(stockIds.length > 0 && { stock: stockIds }),
  });
  await runParts(client, [...parts, notice]);
}

/** Losing a race this often in a row means something else is wrong. */
const MAX_ATTEMPTS = 20;
/** Whoever has lost so often goes alone: this lock is shared by all who change something, until one of them has enough. */
const PATIENCE = 3;
const TOGETHER = "SELECT pg_advisory_xact_lock_shared(hashtext('waystock changes'))";
const ALONE = "SELECT pg_advisory_xact_lock(hashtext('waystock changes'))";

/**
 * Runs `work` while nobody else changes anything by `inTransaction`: for a worker whose large batches would lose to many
 * small changes again and again.
 */
export async function alone<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("SELECT pg_advisory_lock(hashtext('waystock changes'))");
    return await work();
  } finally {
    await client.query("SELECT pg_advisory_unlock_all()").catch((failure: Error) => (broken = failure));
    // A session that could not let go is ended, and its lock with it.
    client.release(broken);
  }
}

/** Runs `work` in one transaction; when a concurrent change made what it folded stale, runs it again from the start. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query("BEGIN");
      await client.query(attempt > PATIENCE ? ALONE : TOGETHER);
      const result = await work(client);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      await client.query("ROLLBACK").catch((failure: Error) => (broken = failure));
      if (attempt >= MAX_ATTEMPTS || !isStale(error)) throw error;
    } finally {
      client.release(broken);
    }
  }
}
