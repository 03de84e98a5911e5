import { Problem, getAll } from "./client.ts";
import { mayManage, type Person } from "./roles.ts";
import { endSession } from "./session.ts";
import { createStore } from "./store.ts";
import { type ConnectionState, openStream } from "./stream.ts";
import { EMPTY_APP_DATA, type AppData, byId, hasUnknownLocation, withChange, withOrdersChanged } from "./app-data.ts";

export const appData = createStore<AppData>(EMPTY_APP_DATA);
export const connection = createStore<ConnectionState>({ state: "catching-up" });
/** why the data could not be loaded; null when it could */
export const loadError = createStore<string | null>(null);
export const loaded = createStore(false);

/** Rows loaded per list at most. */
const MAX_ROWS = 5000;
/** the largest page size of the API */
const PAGE_QUERY = "?limit=200";
const RETRY_MS = 3000;
const LOCATIONS_REFRESH_MS = 10_000;

async function readAppData(withDevices: boolean): Promise<AppData> {
  const [locations, vehicles, shipments, stock, alerts, devices] = await Promise.all([
    getAll(`/locations${PAGE_QUERY}`, MAX_ROWS),
    getAll(`/vehicles${PAGE_QUERY}`, MAX_ROWS),
    getAll(`/shipments${PAGE_QUERY}`, MAX_ROWS),
    getAll(`/inventory-items${PAGE_QUERY}`, MAX_ROWS),
    getAll(`/alerts${PAGE_QUERY}&active=true`, MAX_ROWS),
    withDevices ? getAll(`/devices${PAGE_QUERY}`, MAX_ROWS) : { rows: [], complete: true },
  ]);
  const lists = { locations, vehicles, shipments, stock, alerts, devices };
  return {
    locations: byId(locations.rows),
    vehicles: byId(vehicles.rows),
    shipments: byId(shipments.rows),
    stock: byId(stock.rows),
    alerts: byId(alerts.rows),
    devices: byId(devices.rows),
    changes: appData.get().changes,
    truncated: Object.entries(lists).flatMap(([name, list]) => (list.complete ? [] : [name])),
  };
}

/**
 * Loads all data and keeps it current. The stream is opened first; its events wait in `pendingEvents` until the lists are
 * loaded, so that no change between the two is lost.
 * @returns a function that stops it and clears the data
 */
export function startLive(person: Person): () => void {
  const withDevices = mayManage(person);
  const topics = ["shipments", "positions", "stock", "alerts", "orders", ...(withDevices ? ["devices"] : [])];
  let pendingEvents: [topic: string, rows: unknown[]][] | undefined = [];
  let currentRead = 0;
  let isConnected = false;
  let closed = false;
  let locationsReadMs = 0;
  const timers = new Set<ReturnType<typeof setTimeout>>();

  async function readAll(): Promise<void> {
    const thisRead = ++currentRead;
    pendingEvents = [];
    if (isConnected) connection.set({ state: "catching-up" });
    try {
      const read = await readAppData(withDevices);
      if (closed || thisRead !== currentRead) return;
      const current = pendingEvents.reduce((before, [topic, rows]) => withChange(before, topic, rows), read);
      appData.set(withOrdersChanged(current));
      pendingEvents = undefined;
      loadError.set(null);
      loaded.set(true);
      if (isConnected) connection.set({ state: "live" });
    } catch (cause) {
      if (closed || thisRead !== currentRead) return;
      if (!(cause instanceof Problem)) throw cause;
      if (cause.status === 401) return endSession();
      loadError.set(cause.message);
      timers.add(setTimeout(() => thisRead === currentRead && !closed && void readAll(), RETRY_MS));
    }
  }

  async function readLocations(): Promise<void> {
    locationsReadMs = Date.now();
    try {
      const { rows } = await getAll(`/locations${PAGE_QUERY}`, MAX_ROWS);
      if (!closed) appData.set({ ...appData.get(), locations: byId(rows) });
    } catch (cause) {
      if (!(cause instanceof Problem)) throw cause;
      loadError.set(cause.message);
    }
  }

  const stream = openStream(topics, {
    onReset: () => {
      isConnected = true;
      void readAll();
    },
    onResumed: () => {
      isConnected = true;
      connection.set({ state: pendingEvents === undefined ? "live" : "catching-up" });
    },
    onChange(topic, rows) {
      if (pendingEvents !== undefined) return void pendingEvents.push([topic, rows]);
      const next = withChange(appData.get(), topic, rows);
      appData.set(next);
      const overdue = Date.now() - locationsReadMs > LOCATIONS_REFRESH_MS;
      if (topic !== "positions" && overdue && hasUnknownLocation(next)) void readLocations();
    },
    onDisconnected: (sinceMs) => {
      isConnected = false;
      connection.set({ state: "stale", sinceMs });
    },
    onSignedOut: endSession,
  });

  return () => {
    closed = true;
    stream.close();
    for (const timer of timers) clearTimeout(timer);
    appData.set(EMPTY_APP_DATA);
    loaded.set(false);
    loadError.set(null);
  };
}
