import type { Reading } from "./reading.ts";
import type { Evidence, NewFact } from "../domain/fact.ts";
import { isWithin } from "../domain/time-range.ts";
import type { ScanTargets } from "../stores/queries/scan-targets.ts";
import { mountingAt } from "../stores/queries/device-mounts.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

/** The fields of a scan that its facts are derived from; a stored scan has them too. */
export type Scan = Pick<Reading<"scan">, "deviceId" | "ts" | "seq" | "content">;

/**
 * Hand scans → facts. A scan is a person's statement at a place: for a shipment what was done with it, for a product how
 * many were received, picked or counted there.
 * @param codesOf all codes that one scanned code is equivalent to
 */
export function scanFacts(
  scans: readonly Scan[],
  targets: ScanTargets,
  registry: DeviceRegistry,
  codesOf: (code: string) => readonly string[],
): NewFact[] {
  return scans.flatMap((scan) => {
    const codes = codesOf(scan.content.code);
    const shipments = firstMatch(codes, targets.shipments);
    if (shipments !== undefined) {
      return shipments
        .filter((span) => isWithin(span, scan.ts))
        .flatMap(({ shipmentId }) => shipmentFacts(scan, shipmentId, registry));
    }
    const itemId = firstMatch(codes, targets.items);
    return itemId === undefined ? [] : stockFacts(scan, itemId, registry);
  });
}

function firstMatch<Target>(codes: readonly string[], targets: ReadonlyMap<string, Target>): Target | undefined {
  for (const code of codes) {
    const target = targets.get(code);
    if (target !== undefined) return target;
  }
  return undefined;
}

/** Where it was scanned: the location the scan names, else where the scanner is mounted. */
function locationOf({ deviceId, ts, content }: Scan, registry: DeviceRegistry): number | null {
  const at = content.location_id ?? mountingAt(registry.devices.get(deviceId), ts)?.readPoint?.locationId;
  return typeof at === "number" && registry.places.has(at) ? at : null;
}

function shipmentFacts(scan: Scan, shipmentId: number, registry: DeviceRegistry): NewFact[] {
  const { action, code } = scan.content;
  if (action === undefined) return [];
  const vehicleId = mountingAt(registry.devices.get(scan.deviceId), scan.ts)?.vehicle?.vehicleId ?? null;
  const data = { action, code, locationId: locationOf(scan, registry), vehicleId };
  const { key, ...fact } = commonFields(scan);
  return [{ ...fact, key: `${key}:${shipmentId}`, subject: `shipment:${shipmentId}`, type: "scanned", data }];
}

function stockFacts(scan: Scan, itemId: number, registry: DeviceRegistry): NewFact[] {
  const { action, quantity = 1 } = scan.content;
  const locationId = locationOf(scan, registry);
  const stockId = locationId === null ? undefined : registry.stock.get(`${itemId}:${locationId}`);
  if (stockId === undefined) return [];
  const subject = `stock:${stockId}` as const;
  switch (action) {
    case "count":
      // A count without a quantity says nothing.
      return scan.content.quantity === undefined
        ? []
        : [{ ...commonFields(scan), subject, type: "counted", data: { quantity, source: "person" } }];
    case "receive":
    case "unload":
      return [{ ...commonFields(scan), subject, type: "adjusted", data: { delta: quantity, reason: "received" } }];
    case "pick":
    case "load":
      return [{ ...commonFields(scan), subject, type: "adjusted", data: { delta: -quantity, reason: "picked" } }];
    default:
      return [];
  }
}

function commonFields({ deviceId, ts, seq }: Scan) {
  const evidence: Evidence[] = [
    { device_id: deviceId, kind: "scan", ts: new Date(ts).toISOString(), ...(seq >= 0 && { seq }) },
  ];
  const key = `scanned:${deviceId}:${ts}:${seq}`;
  return { key, at: ts, rule: "scan-facts", evidence, confidence: 0.9, deviceId, signal: "scan", concludedAt: ts };
}
