/**
 * START HERE: how readings become facts about shipments that set limits, or are of high value.
 *
 *   notice     every commit tells which devices and shipments it has changed
 *   whom       the devices are mounted on vehicles, at places or on goods: of which shipments do they tell      domain/conditions/probe-stays.ts
 *   follow     the stored readings of each of its probes, from where it was left                                follow-probe.ts
 *              while a vehicle carries goods of high value, of all trackers together                           follow-risks.ts
 *   rules      what they say of the time between them, and when that is an excursion; what is a risk            domain/conditions/, domain/risks/
 *   record     what is derived and not recorded is added, what is recorded and no longer derived is withdrawn   watch-shipment.ts
 *
 * It runs beside the state worker and costs its commits nothing. What it remembers is in memory only: after a restart the readings of
 * shipments under way are followed from their beginning once, and end in the same facts. Any number of nodes may run it.
 */
import type { Logger } from "pino";
import { DirtyIds } from "../alerts/dirty-ids.ts";
import type { PostgresListener } from "../stores/caches/device-registry.ts";
import { NotYetStored } from "../stores/influx/stored-readings.ts";
import {
  loadWatchedShipments,
  watchedByDevices,
  watchedShipmentIds,
} from "../stores/queries/conditions/watched-shipments.ts";
import { type Loop, startLoop } from "../workers/loop.ts";
import { type WatchMemory, watchShipment, type WatchStores } from "./watch-shipment.ts";

const INTERVAL_MS = 100;
/** A device and a shipment is looked at once in so long at most, milliseconds. */
const REST_MS = 1_000;
/** All shipments under way are looked at so often: a probe may have been mounted, of which no notice tells, or one is silent. */
const PASS_MS = 60_000;
/** It takes a quarter of the time at most. */
const PAUSE = 3;
const DEVICES_AT_ONCE = 500;
const SHIPMENTS_AT_ONCE = 50;
const PAGE = 1_000;
/** Shipments that are remembered; of others the readings are followed anew when they are looked at. */
const MAX_REMEMBERED = 20_000;

export interface ShipmentWatch extends Loop {
  /** what it tells nothing of now, in words for people */
  failing(): string[];
}

export function startShipmentWatch(
  { listener, ...given }: Omit<WatchStores, "startedAt"> & { listener: PostgresListener },
  log: Logger,
): ShipmentWatch {
  const stores: WatchStores = { ...given, startedAt: performance.now() };
  const { pool } = stores;
  const devices = new DirtyIds<string>(REST_MS);
  const shipments = new DirtyIds<number>(REST_MS);
  const memories = new Map<number, WatchMemory>();
  let [nextMs, nextPassMs] = [0, 0];
  const everything = () => void (nextPassMs = 0);
  const unsubscribe = listener.subscribe({
    channel: "changes",
    onNotify(payload) {
      // Only this platform writes to the channel.
      const notice = JSON.parse(payload) as { devices?: string[] | null; shipments?: number[] | null };
      if (notice.devices === null || notice.shipments === null) everything();
      devices.add(notice.devices ?? []);
      shipments.add(notice.shipments ?? []);
    },
    onListening: everything,
  });

  async function markAll(): Promise<void> {
    if (performance.now() < nextPassMs) return;
    nextPassMs = performance.now() + PASS_MS;
    try {
      for (let page = await watchedShipmentIds(pool, 0, PAGE); page.length > 0;) {
        shipments.add(page);
        page = page.length < PAGE ? [] : await watchedShipmentIds(pool, page.at(-1)!, PAGE);
      }
    } catch (error) {
      everything();
      throw error;
    }
  }

  async function markByDevices(): Promise<void> {
    const ids = devices.take(performance.now(), DEVICES_AT_ONCE);
    if (ids.length === 0) return;
    try {
      shipments.add(await watchedByDevices(pool, ids));
    } catch (error) {
      devices.add(ids);
      throw error;
    }
  }

  async function watch(): Promise<void> {
    const ids = shipments.take(performance.now(), SHIPMENTS_AT_ONCE);
    if (ids.length === 0) return;
    const watched = await loadWatchedShipments(pool, ids).catch((error: unknown) => {
      shipments.add(ids);
      throw error;
    });
    let problem: unknown;
    for (const shipment of watched) {
      try {
        remember(shipment.id, await watchShipment(stores, shipment, memories.get(shipment.id)));
      } catch (error) {
        shipments.add([shipment.id]);
        // What the series store does not have yet is no fault.
        if (!(error instanceof NotYetStored)) problem ??= error;
      }
    }
    if (problem !== undefined) throw problem;
  }

  function remember(id: number, memory: WatchMemory): void {
    memories.delete(id);
    memories.set(id, memory);
    if (memories.size > MAX_REMEMBERED) memories.delete(memories.keys().next().value!);
  }

  async function tick(): Promise<boolean> {
    const began = performance.now();
    if (began < nextMs) return false;
    await markAll();
    await markByDevices();
    await watch();
    nextMs = performance.now() + PAUSE * (performance.now() - began);
    return false;
  }

  const loop = startLoop("shipment watch", tick, log, INTERVAL_MS);
  return {
    ...loop,
    failing: () => (loop.lastError() === undefined ? [] : ["conditions of shipments"]),
    async close() {
      unsubscribe();
      await loop.close();
    },
  };
}
