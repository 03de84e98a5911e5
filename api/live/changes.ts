import type { Pool } from "pg";
import { z } from "zod";
import { withoutVersion } from "../http/response.ts";
import { devicesSeenSince, findDevices } from "../resources/devices/queries.ts";
import { findInventoryItems, inventoryItemsChangedSince } from "../resources/inventory/queries.ts";
import { findShipments, shipmentsChangedSince } from "../resources/shipments/queries.ts";
import { findPositions, positionsSince } from "../resources/vehicles/position-queries.ts";
import type { Topic } from "./topics.ts";

const ids = z.array(z.number().int()).nullable().optional();

/** A notice on the Postgres channel `changes`: keys only; null where there were too many to list. */
export const changeNotice = z.object({
  shipments: ids,
  stock: ids,
  positions: ids,
  devices: z.array(z.string()).nullable().optional(),
});
export type ChangeNotice = z.output<typeof changeNotice>;

/** Keys of one topic that have changed and were not read yet; `all`: too many to list. */
interface Pending {
  keys: Set<number | string>;
  all: boolean;
}

/** Gathers notices until they are read, so that many changes of one resource are read once. */
export class PendingChanges {
  readonly #topics = new Map<keyof ChangeNotice, Pending>();

  add(notice: ChangeNotice): void {
    for (const [topic, keys] of Object.entries(notice) as [
      keyof ChangeNotice,
      (number | string)[] | null | undefined,
    ][]) {
      if (keys === undefined) continue;
      const pending = this.#topics.get(topic) ?? { keys: new Set(), all: false };
      this.#topics.set(topic, pending);
      if (keys === null) pending.all = true;
      else for (const key of keys) pending.keys.add(key);
    }
  }

  get hasChanges(): boolean {
    return this.#topics.size > 0;
  }

  /** Returns the gathered changes and starts anew. */
  drain(): ReadonlyMap<keyof ChangeNotice, Pending> {
    const drained = new Map(this.#topics);
    this.#topics.clear();
    return drained;
  }
}

/** Resources in one event, at most. */
const MAX_PER_EVENT = 200;

/** Reads the changed resources in their current state, split into events of limited size. */
export async function readChanges(
  pool: Pool,
  pending: ReadonlyMap<keyof ChangeNotice, Pending>,
  since: Date,
): Promise<{ topic: Topic; data: object[] }[]> {
  const events: { topic: Topic; data: object[] }[] = [];
  for (const [topic, { keys, all }] of pending) {
    const rows = await read(pool, topic, [...keys], all, since);
    for (let at = 0; at < rows.length; at += MAX_PER_EVENT) {
      events.push({ topic, data: rows.slice(at, at + MAX_PER_EVENT).map(withoutVersion) });
    }
  }
  return events;
}

function read(
  pool: Pool,
  topic: keyof ChangeNotice,
  keys: (number | string)[],
  all: boolean,
  since: Date,
): Promise<object[]> {
  switch (topic) {
    case "shipments":
      return all ? shipmentsChangedSince(pool, since) : findShipments(pool, keys.map(Number));
    case "stock":
      return all ? inventoryItemsChangedSince(pool, since) : findInventoryItems(pool, keys.map(Number));
    case "positions":
      return all ? positionsSince(pool, since) : findPositions(pool, keys.map(Number));
    case "devices":
      return all ? devicesSeenSince(pool, since) : findDevices(pool, keys.map(String));
  }
}
