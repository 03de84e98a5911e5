import type { PoolClient } from "pg";
import { type Recording, recordFacts as record, settleOrders as settle } from "../../ingest/decisions/record-facts.ts";
import { leaveLimits } from "../auth/limits.ts";

/**
 * Records facts that a person or a system reports, and folds what they concern. The request was checked under the limits of its
 * principal; what follows from it is not limited: a fold needs all facts.
 * @throws VersionMismatch when an expected version no longer holds
 */
export async function recordFacts(client: PoolClient, recording: Recording): Promise<void> {
  await leaveLimits(client);
  await record(client, recording);
}

/** Brings restock orders to what has arrived of them. What follows from all facts is not limited. */
export async function settleOrders(client: PoolClient, ids: readonly number[]): Promise<void> {
  await leaveLimits(client);
  await settle(client, ids);
}
