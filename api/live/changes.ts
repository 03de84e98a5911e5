import type { Pool } from "pg";
import { z } from "zod";
import { withoutVersion } from "../http/response.ts";
import { alertsChangedSince, findAlerts } from "../resources/alerts/queries.ts";
import { devicesSeenSince, findDevices } from "../resources/devices/queries.ts";
import { findInventoryItems, inventoryItemsChangedSince } from "../resources/inventory/queries.ts";
import { findOrders, ordersChangedSince } from "../resources/orders/queries.ts";
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
  alerts: ids,
  orders: ids,
});
export type ChangeNotice = z.output<typeof changeNotice>;

export type NoticeTopic = keyof ChangeNotice;

/** Keys of one topic that have changed and were not read yet; `all`: too many to list. */
interface Pending {
  keys: Set<number | string>;
  all: boolean;
}
export type Drained = ReadonlyMap<NoticeTopic, Pending>;

/** A resource is sent once in so long, in its newest state, however often it changes, milliseconds. Timers may be early by the rest of a second. */
const MIN_INTERVAL_MS = 950;
/** Stands for a whole topic, where too many of its resources have changed. */
const ALL: unique symbol = Symbol("all");

/** Gathers notices until they are read, so that many changes of one resource are read, and sent, once a second. */
export class PendingChanges {
  readonly #topics = new Map<NoticeTopic, Pending>();
  /** when each resource was drained last, the oldest first; for a second */
  readonly #drainedAt = new Map<NoticeTopic, Map<number | string | typeof ALL, number>>();

  add(topic: NoticeTopic, keys: readonly (number | string)[] | null): void {
    const pending = this.#pendingOf(topic);
    if (keys === null) pending.all = true;
    else for (const key of keys) pending.keys.add(key);
  }

  #pendingOf(topic: NoticeTopic): Pending {
    let pending = this.#topics.get(topic);
    if (!pending) this.#topics.set(topic, (pending = { keys: new Set(), all: false }));
    return pending;
  }

  /** Takes back changes that were drained and could not be read. */
  restore(drained: Drained): void {
    for (const [topic, { keys, all }] of drained) {
      this.add(topic, all ? null : [...keys]);
      this.#drainedAt.delete(topic);
    }
  }

  /** How long until something may be drained, milliseconds; undefined: nothing waits. */
  waitMs(nowMs: number): number | undefined {
    let shortest: number | undefined;
    for (const [topic, { keys, all }] of this.#topics) {
      const drainedAt = this.#drainedAt.get(topic);
      const waiting: Iterable<number | string | typeof ALL> = all ? [ALL] : keys;
      for (const key of waiting) {
        const at = drainedAt?.get(key);
        if (at === undefined) return 0;
        shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, at + MIN_INTERVAL_MS - nowMs);
      }
    }
    return shortest === undefined ? undefined : Math.max(0, shortest);
  }

  /** Takes the gathered changes, but those of resources that were taken less than a second ago. */
  drain(nowMs: number): Drained {
    const drained = new Map<NoticeTopic, Pending>();
    for (const [topic, pending] of [...this.#topics]) {
      const drainedAt = this.#forgetOld(topic, nowMs);
      if (pending.all) {
        if (drainedAt.has(ALL)) continue;
        drainedAt.set(ALL, nowMs);
        drained.set(topic, pending);
        this.#topics.delete(topic);
        continue;
      }
      const keys = new Set([...pending.keys].filter((key) => !drainedAt.has(key)));
      for (const key of keys) {
        drainedAt.set(key, nowMs);
        pending.keys.delete(key);
      }
      if (keys.size > 0) drained.set(topic, { keys, all: false });
      if (pending.keys.size === 0) this.#topics.delete(topic);
    }
    return drained;
  }

  #forgetOld(topic: NoticeTopic, nowMs: number): Map<number | string | typeof ALL, number> {
    let drainedAt = this.#drainedAt.get(topic);
    if (!drainedAt) this.#drainedAt.set(topic, (drainedAt = new Map()));
    for (const [key, at] of drainedAt) {
      if (nowMs - at < MIN_INTERVAL_MS) break;
      drainedAt.delete(key);
    }
    return drainedAt;
  }
}

/** Resources in one event, at most: a frame stays well below what a viewer may leave unread. */
const MAX_PER_EVENT = { shipments: 200, stock: 400, devices: 200, positions: 1_000, alerts: 200, orders: 200 };
/** Resources read by one query. */
const PAGE = 1000;

/**
 * Reads the changed resources in their current state, page by page: there may be any number of them. Each event has a
 * limited size.
 * @param windowMs where keys were too many to list, everything that has changed in this time is read
 */
export async function* readChanges(
  pool: Pool,
  pending: Drained,
  windowMs: number,
): AsyncGenerator<{ topic: Topic; data: object[] }> {
  const needsTime = [...pending.values()].some(({ all }) => all);
  const since = needsTime ? await timeBefore(pool, windowMs) : new Date(0);
  for (const [topic, { keys, all }] of pending) {
    for await (const rows of all ? readAll(pool, topic, since) : readKeys(pool, topic, [...keys])) {
      const most = MAX_PER_EVENT[topic];
      for (let at = 0; at < rows.length; at += most) {
        yield { topic, data: rows.slice(at, at + most).map(withoutVersion) };
      }
    }
  }
}

/** By the clock of Postgres, which stamps the changes. */
async function timeBefore(pool: Pool, ms: number): Promise<Date> {
  const { rows } = await pool.query<{ since: Date }>({
    name: "api_time_before",
    text: "SELECT now() - $1::float8 * interval '1 millisecond' AS since",
    values: [ms],
  });
  return rows[0]!.since;
}

async function* readKeys(pool: Pool, topic: NoticeTopic, keys: readonly (number | string)[]): AsyncGenerator<object[]> {
  for (let at = 0; at < keys.length; at += PAGE) {
    const page = keys.slice(at, at + PAGE);
    switch (topic) {
      case "shipments":
        yield await findShipments(pool, page.map(Number));
        break;
      case "stock":
        yield await findInventoryItems(pool, page.map(Number));
        break;
      case "positions":
        yield await findPositions(pool, page.map(Number));
        break;
      case "devices":
        yield await findDevices(pool, page.map(String));
        break;
      case "alerts":
        yield await findAlerts(pool, page.map(Number));
        break;
      case "orders":
        yield await findOrders(pool, page.map(Number));
        break;
    }
  }
}

function readAll(pool: Pool, topic: NoticeTopic, since: Date): AsyncGenerator<object[]> {
  switch (topic) {
    case "shipments":
      return pagesOf(
        (after?: number) => shipmentsChangedSince(pool, since, after, PAGE),
        ({ id }) => id,
      );
    case "stock":
      return pagesOf(
        (after?: number) => inventoryItemsChangedSince(pool, since, after, PAGE),
        ({ id }) => id,
      );
    case "positions":
      return pagesOf(
        (after?: number) => positionsSince(pool, since, after, PAGE),
        ({ vehicle_id }) => vehicle_id,
      );
    case "devices":
      return pagesOf(
        (after?: string) => devicesSeenSince(pool, since, after, PAGE),
        ({ id }) => id,
      );
    case "alerts":
      return pagesOf(
        (after?: number) => alertsChangedSince(pool, since, after, PAGE),
        ({ id }) => id,
      );
    case "orders":
      return pagesOf(
        (after?: number) => ordersChangedSince(pool, since, after, PAGE),
        ({ id }) => id,
      );
  }
}

async function* pagesOf<Row extends object, Key>(
  read: (after?: Key) => Promise<Row[]>,
  keyOf: (row: Row) => Key,
): AsyncGenerator<Row[]> {
  let rows = await read();
  while (rows.length > 0) {
    yield rows;
    if (rows.length < PAGE) return;
    rows = await read(keyOf(rows.at(-1)!));
  }
}
