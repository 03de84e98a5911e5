import type { Reading } from "./reading.ts";
import type { Evidence, NewFact } from "../domain/fact.ts";
import { isWithin } from "../domain/time-range.ts";
import { mountingAt, type Registry } from "../stores/caches/device-registry.ts";
import type { ScanTargets } from "../stores/queries/scan-targets.ts";

/** What of a scan its facts follow from; also what a stored one has. */
export type Scan = Pick<Reading<"scan">, "deviceId" | "ts" | "seq" | "content">;

/**
 * Hand scans → facts. A scan is a person's word with a place: of a shipment it says what was done with it, of a product
 * how many were received, picked or counted there.
 * @param codesOf everything one scanned code may be known by
 */
export function scanFacts(
  scans: readonly Scan[],
  targets: ScanTargets,
  registry: Registry,
  codesOf: (code: string) => readonly string[],
): NewFact[] {
  return scans.flatMap((scan) => {
    const codes = codesOf(scan.content.code);
    const shipments = first(codes, targets.shipments);
    if (shipments !== undefined) {
      return shipments
        .filter((span) => isWithin(span, scan.ts))
        .flatMap(({ shipmentId }) => shipmentFacts(scan, shipmentId, registry));
    }
    const itemId = first(codes, targets.items);
    return itemId === undefined ? [] : stockFacts(scan, itemId, registry);
  });
}

function first<Target>(codes: readonly string[], targets: ReadonlyMap<string, Target>): Target | undefined {
  for (const code of codes) {
    const target = targets.get(code);
    if (target !== undefined) return target;
  }
  return undefined;
}

/** Where it was scanned: the scan's own word, or where the scanner is mounted. */
function locationOf({ deviceId, ts, content }: Scan, registry: Registry): number | null {
  const at = content.location_id ?? mountingAt(registry.devices.get(deviceId), ts)?.readPoint?.locationId;
  return typeof at === "number" && registry.places.has(at) ? at : null;
}

function shipmentFacts(scan: Scan, shipmentId: number, registry: Registry): NewFact[] {
  const { action, code } = scan.content;
  if (action === undefined) return [];
  const vehicleId = mountingAt(registry.devices.get(scan.deviceId), scan.ts)?.vehicle?.vehicleId ?? null;
  const data = { action, code, locationId: locationOf(scan, registry), vehicleId };
  const { key, ...fact } = common(scan);
  return [{ ...fact, key: `${key}:${shipmentId}`, subject: `shipment:${shipmentId}`, type: "scanned", data }];
}

function stockFacts(scan: Scan, itemId: number, registry: Registry): NewFact[] {
  const { action, quantity = 1 } = scan.content;
  const locationId = locationOf(scan, registry);
  const stockId = locationId === null ? undefined : registry.stock.get(`${itemId}:${locationId}`);
  if (stockId === undefined) return [];
  const subject = `stock:${stockId}` as const;
  switch (action) {
    case "count":
      // Without a quantity nothing was counted.
      return scan.content.quantity === undefined
        ? []
        : [{ ...common(scan), subject, type: "counted", data: { quantity, source: "person" } }];
    case "receive":
    case "unload":
      return [{ ...common(scan), subject, type: "adjusted", data: { delta: quantity, reason: "received" } }];
    case "pick":
    case "load":
      return [{ ...common(scan), subject, type: "adjusted", data: { delta: -quantity, reason: "picked" } }];
    default:
      return [];
  }
}

function common({ deviceId, ts, seq }: Scan) {
  const evidence: Evidence[] = [
    { device_id: deviceId, kind: "scan", ts: new Date(ts).toISOString(), ...(seq >= 0 && { seq }) },
  ];
  const key = `scanned:${deviceId}:${ts}:${seq}`;
  return { key, at: ts, rule: "scan-facts", evidence, confidence: 0.9, deviceId, signal: "scan", concludedAt: ts };
}
