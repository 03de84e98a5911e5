import { isDeepStrictEqual } from "node:util";
import type { Pool, PoolClient } from "pg";
import type { FactType, NewFact, Subject } from "../domain/fact.ts";
import { groupBy } from "../domain/group-by.ts";
import type { Places } from "../domain/place.ts";
import { AROUND_TRIP_MS, endOf, NEIGHBOUR_MS, startOf, type TripPlan } from "../domain/trip/plan.ts";
import { foldTrip, type Neighbours } from "../domain/trip/trip.ts";
import { loadPlannedTrips, type StoredTrip, type VehicleTrips } from "../stores/queries/trips/planned-trips.ts";
import type { Write } from "../stores/statement.ts";
import { writeTrips } from "../stores/writes/trips.ts";
import type { FactChanges } from "./fact-changes.ts";

export interface TripDecision {
  writes: Write[];
  /** trips that change */
  tripIds: number[];
  /** versions of the vehicles whose trips were read. `decide` reads some again later; these earlier ones are the ones to guard */
  versions: Map<Subject, number>;
}

/** Facts of a vehicle that tell where it was. */
const OF_THE_WAY: ReadonlySet<FactType> = new Set(["arrived", "departed", "passed", "trip_started", "trip"]);

/**
 * Folds the planned trips that the vehicles' facts, or changes of plans, concern: those around their times. Each is folded from
 * its plan, its neighbours' and all facts of the vehicle around them, so the order in which they become known does not matter.
 */
export async function decideTrips(
  client: Pool | PoolClient,
  changes: FactChanges,
  places: Places,
): Promise<TripDecision> {
  const times = [...timesOfFacts(changes), ...(changes.plans ?? [])];
  const decision: TripDecision = { writes: [], tripIds: [], versions: new Map() };
  if (times.length === 0) return decision;
  const rows = [];
  const added = groupBy(changes.added, ({ subject }) => subject);
  const withdrawnKeys = new Set(changes.withdrawn.map(({ key }) => key));
  for (const vehicle of await loadPlannedTrips(client, times)) {
    const { vehicleId, version, trips } = vehicle;
    decision.versions.set(`vehicle:${vehicleId}`, version);
    if (!trips.some(({ isConcerned }) => isConcerned)) continue;
    const facts = historyOf(vehicle, added.get(`vehicle:${vehicleId}`) ?? [], withdrawnKeys);
    for (const [at, trip] of trips.entries()) {
      if (!trip.isConcerned) continue;
      const [from, to] = [startOf(trip) - AROUND_TRIP_MS, endOf(trip) + AROUND_TRIP_MS];
      const around = facts.filter((fact) => fact.at >= from && fact.at <= to);
      const actual = foldTrip(vehicleId, trip, neighboursOf(trips, at), around, places);
      if (!isDeepStrictEqual(actual, trip.actual)) rows.push({ id: trip.id, ...actual });
    }
  }
  if (rows.length > 0) decision.writes.push(...writeTrips(rows));
  decision.tripIds = rows.map(({ id }) => id);
  return decision;
}

function timesOfFacts({ added, withdrawn }: FactChanges): { vehicleId: number; at: number }[] {
  const facts = [...added.filter(({ type }) => OF_THE_WAY.has(type)), ...withdrawn];
  return facts.flatMap(({ subject, at }) =>
    subject.startsWith("vehicle:") ? [{ vehicleId: Number(subject.slice("vehicle:".length)), at }] : [],
  );
}

function historyOf({ facts }: VehicleTrips, added: readonly NewFact[], withdrawnKeys: ReadonlySet<string>): NewFact[] {
  const history = new Map<string, NewFact>(facts.map((fact) => [fact.key, fact]));
  for (const fact of added) history.set(fact.key, fact);
  return [...history.values()].filter(({ key }) => !withdrawnKeys.has(key));
}

/** @param trips of one vehicle, in order of time */
function neighboursOf(trips: readonly StoredTrip[], at: number): Neighbours {
  const isNear = (before: TripPlan, after: TripPlan): boolean => startOf(after) - endOf(before) <= NEIGHBOUR_MS;
  const [previous, trip, next] = [trips[at - 1], trips[at]!, trips[at + 1]];
  return {
    previous: previous && isNear(previous, trip) ? previous : undefined,
    next: next && isNear(trip, next) ? next : undefined,
  };
}
