import type { Pool } from "pg";
import { inTransaction, recordFacts } from "../decisions/record-facts.ts";
import { conditionsOf } from "../domain/conditions/bands.ts";
import { probeStays, type Stay, staysOf } from "../domain/conditions/probe-stays.ts";
import { timesOf } from "../domain/conditions/shipment-times.ts";
import type { NewFact } from "../domain/fact.ts";
import { foldShipment } from "../domain/shipment/shipment.ts";
import { corridorOf } from "../domain/risks/corridor.ts";
import { factChanges } from "../reprocessing/rederive-signal.ts";
import {
  firstStoredDay,
  loadProbeMounts,
  loadProgress,
  loadWatchFacts,
  type WatchedShipment,
} from "../stores/queries/conditions/watched-shipments.ts";
import { loadPlaces } from "../stores/queries/places.ts";
import { loadShipmentHistories } from "../stores/queries/shipment-history.ts";
import type { StoredReadings } from "../stores/queries/stored-readings.ts";
import type { DeviceRegistryCache } from "../stores/caches/device-registry.ts";
import { type FollowedRisks, followRisks } from "./follow-risks.ts";
import { type FollowedProbe, followProbe } from "./follow-probe.ts";

export interface WatchStores {
  pool: Pool;
  stored: StoredReadings;
  registry: DeviceRegistryCache;
  /** of the monotonic clock, milliseconds: what nobody could hear before is no silence */
  startedAt: number;
}

/** What is remembered of a shipment between two looks. */
export interface WatchMemory {
  version: number;
  whereabouts: { stays: Stay[]; from: number; ends: number | null } | undefined;
  /** by device and begin of the stay */
  probes: Map<string, FollowedProbe>;
  /** by begin of the stay on a vehicle */
  risks: Map<number, FollowedRisks>;
}

/** Looks at one shipment, and records what follows from the readings about it. @returns what to remember for the next look */
export async function watchShipment(
  stores: WatchStores,
  { id, version, conditions: stored, isOfHighValue, route }: WatchedShipment,
  memory: WatchMemory | undefined,
): Promise<WatchMemory> {
  const { pool } = stores;
  const whereabouts = memory?.version === version ? memory.whereabouts : await whereaboutsOf(pool, id);
  const conditions = conditionsOf(stored);
  const probes = new Map<string, FollowedProbe>();
  const risks = new Map<number, FollowedRisks>();
  const derived: NewFact[] = [];
  if (whereabouts !== undefined && (conditions !== undefined || isOfHighValue)) {
    const mounts = await loadProbeMounts(pool, id, whereabouts.stays);
    // Read before the readings: what comes later is looked at the next time.
    const progress = await loadProgress(pool, [...new Set(mounts.map(({ deviceId }) => deviceId))]);
    const probeMounts = mounts.filter(({ hasEnv }) => hasEnv);
    for (const stay of conditions ? probeStays(whereabouts.stays, probeMounts, { id, ...whereabouts }) : []) {
      const reached = progress.get(stay.deviceId);
      if (reached === undefined) continue;
      const key = `${stay.deviceId} ${stay.from}`;
      const { facts, followed } = await followProbe(
        stores,
        { id, conditions: conditions! },
        stay,
        reached,
        memory?.probes.get(key),
      );
      derived.push(...facts);
      probes.set(key, followed);
    }
    const { fences } = await stores.registry.current();
    for (const stay of isOfHighValue ? whereabouts.stays : []) {
      const { vehicleId } = stay;
      if (vehicleId === null) continue;
      const question = {
        ...{ shipmentId: id, corridor: corridorOf(route), stay: { ...stay, vehicleId } },
        ...{ mounts, progress, fences, listeningMs: performance.now() - stores.startedAt },
      };
      const { facts, followed } = await followRisks(stores, question, memory?.risks.get(stay.from));
      derived.push(...facts);
      if (followed) risks.set(stay.from, followed);
    }
  }
  await recordChanges(pool, id, derived);
  return { version, whereabouts, probes, risks };
}

/** Where a shipment was, and when it began and ended. */
async function whereaboutsOf(pool: Pool, id: number): Promise<WatchMemory["whereabouts"]> {
  const nothing = { tags: [], vehicleTimes: [], loadings: [], readsAboard: [] };
  const { shipments, facts } = await loadShipmentHistories(pool, { ...nothing, shipmentIds: [id] }, []);
  const [shipment] = shipments;
  if (shipment === undefined) return undefined;
  const { destinationId, plannedStops } = shipment;
  const context = { destinationId, plannedStops, places: await loadPlaces(pool) };
  const events = foldShipment(facts.get(id) ?? [], context)?.events ?? [];
  const times = timesOf(events);
  return times && { stays: staysOf(events), ...times };
}

/** Makes the recorded facts the derived ones. Those from days whose readings have been deleted stay as they are. */
async function recordChanges(pool: Pool, id: number, derived: readonly NewFact[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    const recorded = await loadWatchFacts(client, id);
    if (recorded.length === 0 && derived.length === 0) return;
    const stored = (await firstStoredDay(client)) ?? Number.POSITIVE_INFINITY;
    const isKnown = ({ data }: NewFact) => "since" in data && data.since >= stored;
    const { added, withdrawn } = factChanges(recorded.filter(isKnown), derived.filter(isKnown), false);
    if (added.length === 0 && withdrawn.length === 0) return;
    const late = new Set(derived.flatMap((fact) => (fact.late ? fact.key : [])));
    const facts = added.map((fact) => ({ ...fact, late: late.has(fact.key) }));
    await recordFacts(client, { facts, withdrawn });
  });
}
