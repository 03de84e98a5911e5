import type { Alert, Device, InventoryItem, Location, Shipment, Vehicle, VehiclePosition } from "./resources.ts";

/** All data of the page. Every change replaces it as a whole; it is never changed in place. */
export interface AppData {
  locations: ReadonlyMap<number, Location>;
  vehicles: ReadonlyMap<number, Vehicle>;
  shipments: ReadonlyMap<number, Shipment>;
  stock: ReadonlyMap<number, InventoryItem>;
  devices: ReadonlyMap<string, Device>;
  /** those that are not resolved */
  alerts: ReadonlyMap<number, Alert>;
  /**
   * how often a row has changed since the page was loaded, by `shipment:7` or `stock:3`; drives the flash. Of `orders` together:
   * they are not kept here, and what shows them reads them again. `beside stock:3`: told of again without a new measurement,
   * because something has changed that the row does not show: a cycle count, what is on order
   */
  changes: ReadonlyMap<string, number>;
  /** names of the lists that are longer than the page loads */
  truncated: readonly string[];
}

export const EMPTY_APP_DATA: AppData = {
  locations: new Map(),
  vehicles: new Map(),
  shipments: new Map(),
  stock: new Map(),
  devices: new Map(),
  alerts: new Map(),
  changes: new Map(),
  truncated: [],
};

export function byId<Id, Row extends { id: Id }>(rows: readonly Row[]): Map<Id, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}

/** Where something of the live data was read anew, orders may have changed too. */
export const withOrdersChanged = (data: AppData): AppData => ({
  ...data,
  changes: countChanges(data.changes, ["orders"]),
});

function countChanges(changes: ReadonlyMap<string, number>, keys: readonly string[]): ReadonlyMap<string, number> {
  if (keys.length === 0) return changes;
  const next = new Map(changes);
  for (const key of keys) next.set(key, (next.get(key) ?? 0) + 1);
  return next;
}

function withShipments(data: AppData, rows: readonly Shipment[]): AppData {
  const seen: string[] = [];
  const shipments = new Map(data.shipments);
  for (const row of rows) {
    const before = shipments.get(row.id);
    if (before?.status !== row.status || before.stage !== row.stage || before.location_id !== row.location_id) {
      seen.push(`shipment:${row.id}`);
    }
    shipments.set(row.id, row);
  }
  return { ...data, shipments, changes: countChanges(data.changes, seen) };
}

function withStock(data: AppData, rows: readonly InventoryItem[]): AppData {
  const seen: string[] = [];
  const stock = new Map(data.stock);
  for (const row of rows) {
    const known = stock.get(row.id);
    if (known?.quantity !== row.quantity) seen.push(`stock:${row.id}`);
    if (known?.measured_at === row.measured_at) seen.push(`beside stock:${row.id}`);
    stock.set(row.id, row);
  }
  return { ...data, stock, changes: countChanges(data.changes, seen) };
}

/** The newest position is the one measured last: an older fix that arrives late does not move a truck back. */
function withPositions(data: AppData, rows: readonly VehiclePosition[]): AppData {
  const vehicles = new Map(data.vehicles);
  for (const { vehicle_id: id, name, ...position } of rows) {
    const known = vehicles.get(id) ?? { id, name, plate: null, position: null };
    if (known.position !== null && Date.parse(known.position.ts) > Date.parse(position.ts)) continue;
    vehicles.set(id, { ...known, position });
  }
  return { ...data, vehicles };
}

function withAlerts(data: AppData, rows: readonly Alert[]): AppData {
  const alerts = new Map(data.alerts);
  for (const row of rows) {
    if (row.state === "resolved") alerts.delete(row.id);
    else alerts.set(row.id, row);
  }
  const changes = countChanges(
    data.changes,
    rows.map(({ id }) => `alert:${id}`),
  );
  return { ...data, alerts, changes };
}

/** The data after one event of the stream. Events of unknown topics are ignored. */
export function withChange(data: AppData, topic: string, rows: unknown[]): AppData {
  if (topic === "shipments") return withShipments(data, rows as Shipment[]);
  if (topic === "stock") return withStock(data, rows as InventoryItem[]);
  if (topic === "positions") return withPositions(data, rows as VehiclePosition[]);
  if (topic === "devices") {
    return { ...data, devices: new Map([...data.devices, ...byId<string, Device>(rows as Device[])]) };
  }
  if (topic === "alerts") return withAlerts(data, rows as Alert[]);
  if (topic === "orders") return withOrdersChanged(data);
  return data;
}

/** Whether a row names a location that this page has not loaded yet. */
export function hasUnknownLocation(data: AppData): boolean {
  const known = (id: number | null) => id === null || data.locations.has(id);
  for (const shipment of data.shipments.values()) {
    if (!known(shipment.location_id) || !known(shipment.destination_id)) return true;
  }
  for (const item of data.stock.values()) if (!known(item.location_id)) return true;
  return false;
}
