import { Problem, getAll } from "./client.ts";
import type { Device, InventoryItem, Location, Person, Shipment, Vehicle } from "./resources.ts";
import { signedOut } from "./session.ts";
import { createStore } from "./store.ts";
import { type Link, openStream } from "./stream.ts";
import { EMPTY_WORLD, type World, byId, hasUnknownPlace, withChange } from "./app-data.ts";

export const world = createStore<World>(EMPTY_WORLD);
export const link = createStore<Link>({ state: "catching-up" });
/** why the lists could not be read; null when they could */
export const trouble = createStore<string | null>(null);
export const loaded = createStore(false);

/** More rows than this are for search, not for a screen. */
const MOST_ROWS = 5000;
/** the longest page the API gives */
const PAGE = "?limit=200";
const AGAIN_MS = 3000;
const PLACES_AGAIN_MS = 10_000;

/** Device lists are for managers and administrators (contract section 4); others do not ask. */
export function mayReadDevices(person: Person): boolean {
  return person.role === "admin" || person.role === "manager";
}

async function readWorld(withDevices: boolean): Promise<World> {
  const [locations, vehicles, shipments, stock, devices] = await Promise.all([
    getAll<Location>(`/locations${PAGE}`, MOST_ROWS),
    getAll<Vehicle>(`/vehicles${PAGE}`, MOST_ROWS),
    getAll<Shipment>(`/shipments${PAGE}`, MOST_ROWS),
    getAll<InventoryItem>(`/inventory-items${PAGE}`, MOST_ROWS),
    withDevices ? getAll<Device>(`/devices${PAGE}`, MOST_ROWS) : { rows: [], complete: true },
  ]);
  const lists = { locations, vehicles, shipments, stock, devices };
  return {
    locations: byId(locations.rows),
    vehicles: byId(vehicles.rows),
    shipments: byId(shipments.rows),
    stock: byId(stock.rows),
    devices: byId(devices.rows),
    changes: world.get().changes,
    cut: Object.entries(lists).flatMap(([name, list]) => (list.complete ? [] : [name])),
  };
}

/**
 * Reads the world and keeps it true. The stream is opened first and its events wait while the lists are read, so that
 * nothing falls between the two.
 */
export function startLive(person: Person): () => void {
  const withDevices = mayReadDevices(person);
  const topics = ["shipments", "positions", "stock", ...(withDevices ? ["devices"] : [])];
  let waiting: [topic: string, rows: unknown[]][] | undefined = [];
  let reading = 0;
  let closed = false;
  let placesReadMs = 0;
  const timers = new Set<ReturnType<typeof setTimeout>>();

  async function readAll(): Promise<void> {
    const mine = ++reading;
    waiting = [];
    link.set({ state: "catching-up" });
    try {
      const read = await readWorld(withDevices);
      if (closed || mine !== reading) return;
      world.set(waiting.reduce((before, [topic, rows]) => withChange(before, topic, rows), read));
      waiting = undefined;
      trouble.set(null);
      loaded.set(true);
      link.set({ state: "live" });
    } catch (cause) {
      if (closed || mine !== reading) return;
      if (!(cause instanceof Problem)) throw cause;
      if (cause.status === 401) return signedOut();
      trouble.set(cause.message);
      timers.add(setTimeout(() => mine === reading && !closed && void readAll(), AGAIN_MS));
    }
  }

  async function readPlaces(): Promise<void> {
    placesReadMs = Date.now();
    try {
      const { rows } = await getAll<Location>(`/locations${PAGE}`, MOST_ROWS);
      if (!closed) world.set({ ...world.get(), locations: byId(rows) });
    } catch (cause) {
      if (!(cause instanceof Problem)) throw cause;
      trouble.set(cause.message);
    }
  }

  const stream = openStream(topics, {
    onFresh: () => void readAll(),
    onResumed: () => {
      if (waiting === undefined) link.set({ state: "live" });
    },
    onChange(topic, rows) {
      if (waiting !== undefined) return void waiting.push([topic, rows]);
      const next = withChange(world.get(), topic, rows);
      world.set(next);
      const overdue = Date.now() - placesReadMs > PLACES_AGAIN_MS;
      if (topic !== "positions" && overdue && hasUnknownPlace(next)) void readPlaces();
    },
    onBroken: (sinceMs) => link.set({ state: "stale", sinceMs }),
    onSignedOut: signedOut,
  });

  return () => {
    closed = true;
    stream.close();
    for (const timer of timers) clearTimeout(timer);
    world.set(EMPTY_WORLD);
    loaded.set(false);
    trouble.set(null);
  };
}
