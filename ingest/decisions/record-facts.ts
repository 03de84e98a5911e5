import type { PoolClient } from "pg";
import { decide, noticeOf } from "./decide.ts";
import type { NewFact, Subject } from "../domain/fact.ts";
import type { FactChanges } from "./fact-changes.ts";
import { loadPlaces } from "../stores/queries/places.ts";
import { runWrites } from "../stores/statement.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";

export { moveLotsOnHold, moveReleasedLot } from "./lot-holds.ts";
export { loadPlacesBelow, loadTripEvidence } from "../stores/queries/trips/trip-evidence.ts";
export { loadVerifiedTrips } from "../stores/queries/trips/verified-trips.ts";
export { settleOrders } from "./settle-orders.ts";
export { closeFinishedLists } from "../stores/queries/restock/pick-lists.ts";
export { inTransaction, transaction } from "./transactions.ts";
export { VersionMismatch } from "./version-mismatch.ts";
export { AcquireTimeout } from "./semaphore.ts";

/** The facts recorded in one commit, and their effects. */
export interface Recording {
  facts: readonly NewFact[];
  /** recorded facts that proved wrong */
  withdrawn?: readonly Pick<NewFact, "key" | "subject" | "at">[];
  /** subjects to fold again although they got no new fact, e.g. after a change of destination */
  refold?: readonly Subject[];
  /** planned trips that were made or changed, before and after: the vehicle, and times of the plan (epoch milliseconds) */
  plans?: readonly { vehicleId: number; at: number }[];
  /** planned trips that were made, changed or cancelled: alerts look at them again */
  trips?: readonly number[];
  /** row versions that a person's change is based on (If-Match); any other version refuses the recording */
  expected?: ReadonlyMap<Subject, number>;
  /** facts that a person says are wrong, or that hold after all; the facts that say so are among `facts` */
  voids?: Pick<FactChanges, "voided" | "restored" | "because">;
  /** vehicles whose facts change: live views and alerts look at them again */
  vehicles?: readonly number[];
}

/**
 * Records facts from people, or that a worker has derived, the way the state worker records those from sensors: it loads what the facts concern, folds
 * it, and commits in one guarded statement. Call it within `inTransaction`.
 * @throws VersionMismatch when `expected` no longer holds
 */
export async function recordFacts(client: PoolClient, recording: Recording): Promise<void> {
  const { facts, withdrawn = [], refold, plans, trips = [], expected, voids, vehicles = [] } = recording;
  const places = await loadPlaces(client);
  const changes = {
    added: facts,
    withdrawn: [...withdrawn],
    refold: refold ?? [],
    plans: plans ?? [],
    expected,
    ...voids,
  };
  const decision = await decide(client, changes, places);
  const notice = notifyChanges({
    ...noticeOf({ ...decision, tripIds: [...new Set([...decision.tripIds, ...trips])] }),
    ...(vehicles.length > 0 && { positions: [...vehicles] }),
  });
  await runWrites(client, [...decision.writes, notice]);
}
