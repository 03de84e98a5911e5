import type { Pool } from "pg";
import { z } from "zod";
import { withoutVersion } from "../http/response.ts";
import { devicesSeenSince, findDevices } from "../resources/devices/queries.ts";
import { findInventoryItems, inventoryItemsChangedSince } from "../resources/inventory/queries.ts";
import { findPositions, positionsSince } from "../resources/vehicles/position-queries.ts";
import { findShipments, shipmentsChangedSince } from "../resources/shipments/queries.ts";
import type { Topic } from "./topics.ts";

const ids = z.array(z.number().int()).nullable().optional();

/** What a notice on the channel `changes` says: keys only; null where there were too many to list. */
export const changeNotice = z.object({
  shipments: ids,
  stock: ids,
  positions: ids,
  devices: z.array(z.string()).nullable().optional(),
});
export type ChangeNotice = z.output<typeof changeNotice>;

/** Keys that have changed since the last look, of one topic. */
interface Pending {
  keys: Set<number | string>;
  all: boolean;
}

/** Gathers notices until they are looked at: many changes of one thing become one. */
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

  get isEmpty(): boolean {
    return this.#topics.size > 0;
  }

  /** Takes what has gathered. */
  drain(): ReadonlyMap<keyof ChangeNotice, Pending> {
    const taken = new Map(this.#topics);
    this.#topics.clear();
    return taken;
  }
}

/** Most resources in one event. */
const CHUNK = 200;

/** Reads what has changed, as it is now, in pieces of a size that viewers can take. */
export async function readChanges(
  pool: Pool,
  pending: ReadonlyMap<keyof ChangeNotice, Pending>,
  since: Date,
): Promise<{ topic: Topic; data: object[] }[]> {
  const events: { topic: Topic; data: object[] }[] = [];
  for (const [topic, { keys, all }] of pending) {
    const rows = await read(pool, topic, [...keys], all, since);
    for (let at = 0; at < rows.length; at += CHUNK) {
      events.push({ topic, data: rows.slice(at, at + CHUNK).map(withoutVersion) });
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
