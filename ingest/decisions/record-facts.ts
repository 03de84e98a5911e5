import type { PoolClient } from "pg";
import { decide } from "./decide.ts";
import type { NewFact, Subject } from "../domain/fact.ts";
import { loadPlaces } from "../stores/queries/places.ts";
import { notify } from "../stores/writes/messages.ts";
import { runParts } from "../stores/statement.ts";

export { inTransaction, transaction } from "./transactions.ts";
export { VersionMismatch } from "./version-mismatch.ts";
export { AcquireTimeout } from "./semaphore.ts";

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
 * @throws VersionMismatch when `expected` no longer holds
 */
export async function recordFacts(client: PoolClient, { facts, refold, expected }: Recording): Promise<void> {
  const places = await loadPlaces(client);
  const changes = { added: facts, withdrawn: [], refold: refold ?? [], expected };
  const { parts, shipmentIds, stockIds } = await decide(client, changes, places);
  const notice = notify({
    ...(shipmentIds.length > 0 && { shipments: shipmentIds }),
    ...(stockIds.length > 0 && { stock: stockIds }),
  });
  await runParts(client, [...parts, notice]);
}
