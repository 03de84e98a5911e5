import type { Reading } from "./reading.ts";
import type { Evidence, NewFact } from "../domain/fact.ts";
import type { VehicleTracks } from "../domain/shipment/vehicle-track.ts";
import { statedLots } from "../domain/stock/serial-moves.ts";
import { isWithin } from "../domain/time-range.ts";
import type { CodeKeys } from "./scanned-codes.ts";
import * as words from "./scan-problems.ts";
import type { ScannedItem, ScanTargets } from "../stores/queries/scan-targets.ts";
import { mountingAt } from "../stores/queries/device-mounts.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

/** The fields of a scan that its facts are derived from; a stored scan has them too. */
export type Scan = Pick<Reading<"scan">, "deviceId" | "ts" | "seq" | "content">;

export interface ScanContext {
  targets: ScanTargets;
  registry: DeviceRegistry;
  /** where the vehicles with scanners were */
  tracks: VehicleTracks;
  keysOf: (code: string) => CodeKeys;
}

/** What one scan means. A scan without facts has a problem: none is without effect and without word. */
export interface ScanResult<S extends Scan = Scan> {
  scan: S;
  facts: NewFact[];
  /** why it has no effect */
  problem?: words.ScanProblem;
  /** it has an effect, but the worker should know this */
  remark?: words.ScanProblem;
  /** the product was received where it is not kept yet: it is kept there from now on */
  newPosition?: { itemId: number; locationId: number };
}

/**
 * Hand scans → facts. A scan is a person's statement at a place: for a shipment what was done with it, for a product how
 * many were received, picked or counted there, and of a driver's card who drives. It happens where the scanner is: at the
 * place that the scan names, else where the scanner is mounted, else in the place where its vehicle is then.
 */
export function scanResult<S extends Scan>(scan: S, context: ScanContext): ScanResult<S> {
  const { targets, registry, keysOf } = context;
  const { code, location_id: named } = scan.content;
  const parsed = keysOf(code);
  const failed = (problem: words.ScanProblem): ScanResult<S> => ({ scan, facts: [], problem });
  const numbered = firstMatch(parsed.keys, targets.shipments);
  const item = numbered ? undefined : firstMatch(parsed.keys, targets.items);
  // What a customer calls a shipment may be the code of a product here too: it comes last.
  const shipments = numbered ?? (item ? undefined : firstMatch(parsed.keys, targets.referred));
  if (!shipments && !item) {
    const token = parsed.keys.find((key) => targets.drivers.has(key));
    if (token === undefined) return failed(words.unknownCode(code, parsed));
    return { scan, ...signOnResult(scan, token, context) };
  }
  if (named !== undefined && !registry.places.has(named)) return failed(words.unknownLocation(named));
  const remark = parsed.doubt === undefined ? {} : { remark: words.doubtfulCode(parsed.doubt) };
  if (item) return { scan, ...remark, ...stockResult(scan, item, parsed, context) };
  const meant = shipments!.filter((span) => isWithin(span, scan.ts));
  if (meant.length === 0) return failed(words.notItsTime(code));
  if (!numbered && meant.length > 1) return failed(words.severalShipments(code, meant.length));
  return {
    scan,
    ...remark,
    ...shipmentResult(
      scan,
      meant.map(({ shipmentId }) => shipmentId),
      context,
    ),
  };
}

function firstMatch<Target>(codes: readonly string[], targets: ReadonlyMap<string, Target>): Target | undefined {
  for (const code of codes) {
    const target = targets.get(code);
    if (target !== undefined) return target;
  }
  return undefined;
}

/** The location that the scan names, else where the scanner is mounted. */
function fixedLocation({ deviceId, ts, content }: Scan, { devices, places }: DeviceRegistry): number | null {
  const at = content.location_id ?? mountingAt(devices.get(deviceId), ts)?.readPoint?.locationId;
  return typeof at === "number" && places.has(at) ? at : null;
}

/** The vehicle that the scanner is mounted on at the time. */
export function vehicleOf({ deviceId, ts }: Pick<Scan, "deviceId" | "ts">, registry: DeviceRegistry): number | null {
  return mountingAt(registry.devices.get(deviceId), ts)?.vehicle?.vehicleId ?? null;
}

type Result = Omit<ScanResult, "scan">;

function shipmentResult(scan: Scan, shipmentIds: readonly number[], { registry, tracks }: ScanContext): Result {
  const { action = null, code } = scan.content;
  const vehicleId = vehicleOf(scan, registry);
  const locationId = fixedLocation(scan, registry);
  // A delivery is one wherever it is said.
  if (locationId === null && vehicleId === null && action !== "deliver") {
    return { facts: [], problem: words.noLocation(false) };
  }
  const data = { action, code, locationId, vehicleId };
  const { key, ...fact } = commonFields(scan);
  const facts = shipmentIds.map((id): NewFact => ({
    ...fact,
    key: `scanned:${key}:${id}`,
    subject: `shipment:${id}`,
    type: "scanned",
    data,
  }));
  if (locationId !== null || vehicleId === null || action === "load" || action === "deliver") return { facts };
  const track = tracks.of(vehicleId);
  const isKnown = track.placesAt(scan.ts).length > 0 || track.isOnRoad(scan.ts);
  return isKnown ? { facts } : { facts, remark: words.unknownPosition() };
}

/** A driver's card says who drives the vehicle of the scanner from now on, whatever action the scanner is set to. */
function signOnResult(scan: Scan, token: string, { targets, registry }: ScanContext): Result {
  const vehicleId = vehicleOf(scan, registry);
  if (vehicleId === null) return { facts: [], problem: words.signOnWithoutVehicle(targets.drivers.get(token)!) };
  const { key, ...common } = commonFields(scan);
  const subject = `vehicle:${vehicleId}` as const;
  return { facts: [{ ...common, key: `signed_on:${key}`, subject, type: "driver_signed_on", data: { token } }] };
}

function stockResult(scan: Scan, item: ScannedItem, parsed: CodeKeys, context: ScanContext): Result {
  const { registry, targets } = context;
  const { action } = scan.content;
  const failed = (problem: words.ScanProblem): Result => ({ facts: [], problem });
  if (action === undefined) return failed(words.noAction(item.sku));
  if (action === "deliver") return failed(words.noEffect(item.sku, action));
  const locationId = stockLocation(scan, item, context);
  if (locationId === null) return failed(words.noLocation(vehicleOf(scan, registry) !== null));
  const stockId = registry.stock.get(`${item.itemId}:${locationId}`);
  const isReceived = action === "receive" || action === "unload";
  if (stockId === undefined) {
    if (isReceived) return { facts: [], newPosition: { itemId: item.itemId, locationId } };
    return failed(words.notKeptThere(item.sku, targets.locationNames.get(locationId) ?? `location ${locationId}`));
  }
  const { key, ...common } = commonFields(scan);
  const subject = `stock:${stockId}` as const;
  if (action === "count") {
    const said = scan.content.quantity;
    if (serialOf(parsed) !== undefined && (said === undefined || said === 1)) return failed(words.labelOfOne(item.sku));
    const quantity = said ?? (parsed.quantity === undefined ? undefined : parsed.quantity * item.pieces);
    if (quantity === undefined) return failed(words.noQuantity(item.sku, action));
    const data = { quantity, source: "person" } as const;
    if (parsed.lot !== undefined) {
      const [counted] = statedLots(parsed.lot, quantity, parsed.expiry).lots!;
      return { facts: [{ ...common, key: `scanned:${key}`, subject, type: "lot_counted", data: counted! }] };
    }
    return { facts: [{ ...common, key: `scanned:${key}`, subject, type: "counted", data }] };
  }
  const serial = serialOf(parsed);
  const inCode = (parsed.quantity ?? 1) * item.pieces;
  const quantity = serial === undefined ? (scan.content.quantity ?? inCode) : inCode;
  if (quantity === 0) return failed(words.noQuantity(item.sku, action));
  if (serial === undefined) {
    const lots = statedLots(parsed.lot, quantity, parsed.expiry);
    const data = isReceived
      ? { delta: quantity, reason: "received", ...lots }
      : { delta: -quantity, reason: "picked", ...lots };
    return { facts: [{ ...common, key: `scanned:${key}`, subject, type: "adjusted", data }] };
  }
  const { lot, expiry } = parsed;
  const ofLot = { ...(lot !== undefined && { lot }), ...(expiry !== undefined && { expiry }) };
  const data = { stockId, isReceived, quantity, code: scan.content.code, ...ofLot };
  const fact: NewFact = { ...common, key: `serial:${key}`, subject: `serial:${serial}`, type: "serial_scanned", data };
  const said = scan.content.quantity ?? quantity;
  const isOne = said === quantity || said === 1;
  return { facts: [fact], ...(!isOne && { remark: words.onePiece(item.sku, parsed.serial ?? serial, said) }) };
}

/** What makes the scanned thing unique: GTIN and serial, or the SSCC of a case with its content (AI 02 and 37). */
function serialOf({ gtin, serial, sscc }: CodeKeys): string | undefined {
  if (gtin !== undefined && serial !== undefined) return `${gtin}/${serial}`;
  return sscc === undefined ? undefined : `sscc/${sscc}`;
}

/** Of several places whose fences the scanner's vehicle is in, the one that keeps the product. */
function stockLocation(scan: Scan, { itemId }: ScannedItem, { registry, tracks }: ScanContext): number | null {
  const fixed = fixedLocation(scan, registry);
  const vehicleId = vehicleOf(scan, registry);
  if (fixed !== null || vehicleId === null) return fixed;
  const places = tracks.of(vehicleId).placesAt(scan.ts);
  return places.find((id) => registry.stock.has(`${itemId}:${id}`)) ?? places[0] ?? null;
}

function commonFields({ deviceId, ts, seq }: Scan) {
  const evidence: Evidence[] = [
    { device_id: deviceId, kind: "scan", ts: new Date(ts).toISOString(), ...(seq >= 0 && { seq }) },
  ];
  const key = `${deviceId}:${ts}:${seq}`;
  return { key, at: ts, rule: "scan-facts", evidence, confidence: 0.9, deviceId, signal: "scan", concludedAt: ts };
}
