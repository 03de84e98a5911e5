import { type ApiClient, ApiProblem } from "./api-client.ts";
import { forEachConcurrently } from "./concurrently.ts";
import type { Device, MountPlan } from "../devices/device.ts";
import type { Product } from "../world/products.ts";
import type { Site } from "../world/sites.ts";
import type { World } from "../world/world.ts";

/** The platform's ids by the world's names, and the devices' secrets. */
export interface ProvisionedWorld {
  locations: ReadonlyMap<string, number>;
  items: ReadonlyMap<string, number>;
  vehicles: ReadonlyMap<string, number>;
  secrets: ReadonlyMap<string, string>;
  /** newest `last_seen_at` of these devices, epoch milliseconds: the platform already has the world up to then */
  lastSeenMs: number;
}

interface Row {
  id: number;
}

/**
 * Creates the world's resources on the platform. Existing ones (by name, SKU, device id) are reused.
 * @param idPrefix prefix of vehicle names and SKUs on the platform; locations are shared by all worlds
 */
export async function provisionWorld(
  api: ApiClient,
  {
    world,
    sites,
    products,
    devices,
    idPrefix = "",
  }: {
    world: World;
    sites: readonly Site[];
    products: readonly Product[];
    devices: readonly Device[];
    idPrefix?: string;
  },
): Promise<ProvisionedWorld> {
  const startMs = world.now;
  /** @param beginning prefix of the names on the platform */
  const ids = async (path: string, key: string, wanted: readonly Record<string, unknown>[], beginning = "") => {
    const rows = await api.list<Row & Record<string, unknown>>(path);
    const known = new Map(rows.map((row) => [String(row[key]), row.id]));
    const found = new Map<string, number>();
    await forEachConcurrently(wanted, async (one) => {
      const name = `${beginning}${String(one[key])}`;
      found.set(String(one[key]), known.get(name) ?? (await api.post<Row>(path, { ...one, [key]: name })).id);
    });
    return found;
  };
  const locations = await ids("/locations", "name", sites.map(newLocation));
  const items = await ids("/items", "sku", products.map(newItem), idPrefix);
  const trucks = world.trucks.map(({ name, plate }) => ({ name, plate }));
  const vehicles = await ids("/vehicles", "name", trucks, idPrefix);
  await stockShelves(api, world, locations, items);
  const registered = await api.list<{ id: string; last_seen_at: string | null }>("/devices");
  const heard = new Map(registered.map((device) => [device.id, Date.parse(device.last_seen_at ?? "") || 0]));
  const secrets = new Map<string, string>();
  await forEachConcurrently(devices, async (device) => {
    const mount = { ...mountOf(device.mount, { locations, items, vehicles }), since: new Date(startMs).toISOString() };
    const interval =
      device.measure === undefined || device.intervalMs === undefined ? {} : { interval_s: device.intervalMs / 1000 };
    const path = `/devices/${encodeURIComponent(device.id)}/credentials`;
    const answer = heard.has(device.id)
      ? await api.post<{ secret: string }>(path, {})
      : await api.post<{ secret: string }>("/devices", {
          id: device.id,
          kind: device.kind,
          mount,
          rate_limit: 0,
          ...interval,
        });
    secrets.set(device.id, answer.secret);
  });
  const lastSeenMs = Math.max(0, ...devices.map((device) => heard.get(device.id) ?? 0));
  return { locations, items, vehicles, secrets, lastSeenMs };
}

function newLocation({ name, stage, lat, lon, radiusM, timeZone, capacityUnits }: Site): Record<string, unknown> {
  const geofence = { lat, lon, radius_m: radiusM };
  return { name, stage, geofence, time_zone: timeZone, capacity_units: capacityUnits };
}

function newItem({ sku, name, unitWeightGrams, valueCents }: Product): Record<string, unknown> {
  return { sku, name, unit_weight_grams: unitWeightGrams, value_cents: valueCents, currency: "EUR" };
}

async function stockShelves(
  api: ApiClient,
  world: World,
  locations: ReadonlyMap<string, number>,
  items: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = await api.list<{ item_id: number; location_id: number }>("/inventory-items");
  const known = new Set(rows.map((row) => `${row.item_id}/${row.location_id}`));
  await forEachConcurrently(world.shelves, async (shelf) => {
    const item_id = idOf(items, shelf.product.sku);
    const location_id = idOf(locations, shelf.site.name);
    if (known.has(`${item_id}/${location_id}`)) return;
    known.add(`${item_id}/${location_id}`);
    await api.post("/inventory-items", { item_id, location_id, reorder_point: shelf.reorderPoint, source: "scale" });
  });
}

function mountOf(plan: MountPlan, known: Pick<ProvisionedWorld, "locations" | "items" | "vehicles">): object {
  if ("truck" in plan) return { vehicle_id: idOf(known.vehicles, plan.truck) };
  const location_id = idOf(known.locations, plan.site);
  if ("antennas" in plan) return { location_id, antennas: plan.antennas };
  if ("sku" in plan) return { location_id, item_id: idOf(known.items, plan.sku), tare_grams: plan.tareGrams };
  return { location_id };
}

export function idOf(known: ReadonlyMap<string, number>, name: string): number {
  const id = known.get(name);
  if (id === undefined) throw new Error(`the platform does not know ${name}`);
  return id;
}

/** Number of worlds the platform has received readings from, by the prefixes of its device ids. */
export async function countEarlierWorlds(api: Pick<ApiClient, "list">): Promise<number> {
  const devices = await api.list<{ id: string; last_seen_at: string | null }>("/devices");
  const numbers = devices.flatMap(({ id, last_seen_at }) => {
    const [known, number = "1"] = /^(?:w(\d+)-)?(?:truck|gate|shelf|probe)-\d+$/.exec(id) ?? [];
    return known === undefined || last_seen_at === null ? [] : [Number(number)];
  });
  return Math.max(0, ...numbers);
}

/** Prefix of the device ids of a platform's second world ("w2-"), third world, …; empty for the first. */
export function idPrefixOf(earlier: number): string {
  return earlier === 0 ? "" : `w${earlier + 1}-`;
}

/** Registers a device, or issues a new secret for an existing one. @returns the secret */
export async function issueDeviceSecret(api: ApiClient, device: { id: string; kind: string }): Promise<string> {
  try {
    return (await api.post<{ secret: string }>(`/devices/${encodeURIComponent(device.id)}/credentials`, {})).secret;
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
    return (await api.post<{ secret: string }>("/devices", { ...device, rate_limit: 0 })).secret;
  }
}
