import type { Pool } from "pg";
import type { NewFact } from "../domain/fact.ts";
import { byEventTime } from "../domain/fact-order.ts";
import { VehicleTracks } from "../domain/shipment/vehicle-track.ts";
import { type CodeKeys, keysOfCode } from "./scanned-codes.ts";
import { type Scan, type ScanResult, scanResult, vehicleOf } from "./scan-facts.ts";
import { mountingAt } from "../stores/queries/device-mounts.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";
import { loadVehicleFacts } from "../stores/queries/facts.ts";
import { findScanTargets } from "../stores/queries/scan-targets.ts";

/** A vehicle that arrived earlier than this before a scan and never left is not looked for. */
const LONGEST_STAY_MS = 30 * 86_400_000;
/** A departure so long after a scan still tells that the vehicle was there from the beginning. */
const LATER_MS = 12 * 3_600_000;

/** Facts that the same commit changes. */
interface Changes {
  added: readonly NewFact[];
  withdrawn: readonly { key: string }[];
}

/** What hand scans mean. Their codes are resolved as of now. */
export async function resolveScans<S extends Scan>(
  pool: Pool,
  scans: readonly S[],
  registry: DeviceRegistry,
  changes: Changes,
): Promise<ScanResult<S>[]> {
  if (scans.length === 0) return [];
  const known = new Map<string, CodeKeys>();
  const keysOf = (code: string): CodeKeys => {
    let keys = known.get(code);
    if (keys === undefined) known.set(code, (keys = keysOfCode(code)));
    return keys;
  };
  const codes = new Set(scans.flatMap(({ content }) => keysOf(content.code).keys));
  const targets = await findScanTargets(pool, [...codes], locationsOf(scans, registry));
  const tracks = await tracksOf(pool, scans, registry, changes);
  return scans.map((scan) => scanResult(scan, { targets, registry, tracks, keysOf }));
}

/** The facts of stored scans. */
export async function factsOfScans(pool: Pool, scans: readonly Scan[], registry: DeviceRegistry): Promise<NewFact[]> {
  const results = await resolveScans(pool, scans, registry, { added: [], withdrawn: [] });
  return results.flatMap(({ facts }) => facts);
}

function locationsOf(scans: readonly Scan[], { devices }: DeviceRegistry): number[] {
  return scans.flatMap(({ deviceId, ts, content }) => {
    const mounted = mountingAt(devices.get(deviceId), ts)?.readPoint?.locationId;
    return [content.location_id, mounted].filter((id): id is number => typeof id === "number");
  });
}

/** Where the vehicles were whose scanners name no location. */
async function tracksOf(
  pool: Pool,
  scans: readonly Scan[],
  registry: DeviceRegistry,
  { added, withdrawn }: Changes,
): Promise<VehicleTracks> {
  const aboard = scans.filter(({ content }) => content.location_id === undefined);
  const times = aboard.flatMap((scan) => (vehicleOf(scan, registry) === null ? [] : [scan.ts]));
  if (times.length === 0) return NO_TRACKS;
  const vehicles = new Set(aboard.flatMap((scan) => vehicleOf(scan, registry) ?? []));
  const [from, to] = [Math.min(...times) - LONGEST_STAY_MS, Math.max(...times) + LATER_MS];
  const facts = new Map<string, NewFact>();
  for (const fact of await loadVehicleFacts(pool, [...vehicles], from, to)) facts.set(fact.key, fact);
  for (const fact of added) if (fact.subject.startsWith("vehicle:")) facts.set(fact.key, fact);
  for (const { key } of withdrawn) facts.delete(key);
  return new VehicleTracks([...facts.values()].sort(byEventTime));
}

const NO_TRACKS = new VehicleTracks([]);
