import type { Device, InventoryItem, Location, Shipment, Vehicle, VehiclePosition } from "./resources.ts";

/** Everything the page knows. Replaced as a whole with every change, never altered in place. */
export interface World {
  locations: ReadonlyMap<number, Location>;
  vehicles: ReadonlyMap<number, Vehicle>;
  shipments: ReadonlyMap<number, Shipment>;
  stock: ReadonlyMap<number, InventoryItem>;
  devices: ReadonlyMap<string, Device>;
  /** how often a row has changed before the viewer's eyes, by `shipment:7` or `stock:3`; drives the flash */
  changes: ReadonlyMap<string, number>;
  /** lists that were longer than the page reads */
  cut: readonly string[];
}

export const EMPTY_WORLD: World = {
  locations: new Map(),
  vehicles: new Map(),
  shipments: new Map(),
  stock: new Map(),
  devices: new Map(),
  changes: new Map(),
  cut: [],
};

export function byId<Id, Row extends { id: Id }>(rows: readonly Row[]): Map<Id, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}

function counted(changes: ReadonlyMap<string, number>, keys: readonly string[]): ReadonlyMap<string, number> {
  if (keys.length === 0) return changes;
  const next = new Map(changes);
  for (const key of keys) next.set(key, (next.get(key) ?? 0) + 1);
  return next;
}

function withShipments(world: World, rows: readonly Shipment[]): World {
  const seen: string[] = [];
  const shipments = new Map(world.shipments);
  for (const row of rows) {
    const before = shipments.get(row.id);
    if (before?.status !== row.status || before.stage !== row.stage || before.location_id !== row.location_id) {
      seen.push(`shipment:${row.id}`);
    }
    shipments.set(row.id, row);
  }
  return { ...world, shipments, changes: counted(world.changes, seen) };
}

function withStock(world: World, rows: readonly InventoryItem[]): World {
  const seen: string[] = [];
  const stock = new Map(world.stock);
  for (const row of rows) {
    if (stock.get(row.id)?.quantity !== row.quantity) seen.push(`stock:${row.id}`);
    stock.set(row.id, row);
  }
  return { ...world, stock, changes: counted(world.changes, seen) };
}

/** "Latest" is by time of measurement: an older fix that arrives now does not move a truck back. */
function withPositions(world: World, rows: readonly VehiclePosition[]): World {
  const vehicles = new Map(world.vehicles);
  for (const { vehicle_id: id, name, ...position } of rows) {
    const known = vehicles.get(id) ?? { id, name, plate: null, position: null };
    if (known.position !== null && Date.parse(known.position.ts) > Date.parse(position.ts)) continue;
    vehicles.set(id, { ...known, position });
  }
  return { ...world, vehicles };
}

/** The world after one event of the stream. A topic this page does not know changes nothing. */
export function withChange(world: World, topic: string, rows: unknown[]): World {
  if (topic === "shipments") return withShipments(world, rows as Shipment[]);
  if (topic === "stock") return withStock(world, rows as InventoryItem[]);
  if (topic === "positions") return withPositions(world, rows as VehiclePosition[]);
  if (topic === "devices") {
    return { ...world, devices: new Map([...world.devices, ...byId<string, Device>(rows as Device[])]) };
  }
  return world;
}

/** Whether a row stands at a place this page has not read yet. */
export function hasUnknownPlace(world: World): boolean {
  const known = (id: number | null) => id === null || world.locations.has(id);
  for (const shipment of world.shipments.values()) {
    if (!known(shipment.location_id) || !known(shipment.destination_id)) return true;
  }
  for (const item of world.stock.values()) if (!known(item.location_id)) return true;
  return false;
}
