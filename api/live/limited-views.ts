import { LRUCache } from "lru-cache";
import type { Pool } from "pg";
import { keyOfLimits, type Reader, readerOf } from "../auth/limits.ts";
import type { Principal } from "../auth/principal.ts";
import { type LiveEvent, rowsOf } from "./event-buffer.ts";
import type { Topic } from "./topics.ts";

/** Whose resource the rows of a topic are, and the column that names it. A topic that is not here is not sent under limits. */
const RESOURCES: Partial<Record<Topic, { table: string; key: string }>> = {
  shipments: { table: "shipments", key: "id" },
  stock: { table: "inventory_items", key: "id" },
  positions: { table: "vehicles", key: "vehicle_id" },
  devices: { table: "devices", key: "id" },
  alerts: { table: "alerts", key: "id" },
  orders: { table: "orders", key: "id" },
};

/** Clients with the same limits that get an event within this time share the answer, milliseconds. */
const SHARED_MS = 1_000;
const MAX_SHARED_EVENTS = 500;
/** Views that are kept for viewers with other limits. */
const MAX_VIEWS = 1_000;

/** The rows of each event, by its id, that a viewer may see now. */
export type EventFilter = (events: readonly LiveEvent[]) => Promise<ReadonlyMap<number, readonly object[]>>;

type Row = Readonly<Record<string, unknown>>;

/** What of the live stream viewers with limits may see: asked of Postgres, once for all viewers with the same limits. */
export class LimitedViews {
  readonly #pool: Pool;
  readonly #filters = new LRUCache<string, EventFilter>({ max: MAX_VIEWS });

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  filterFor(principal: Principal): EventFilter {
    const key = keyOfLimits(principal.limits);
    const known = this.#filters.get(key);
    if (known) return known;
    const filter = createFilter(readerOf(this.#pool, principal));
    this.#filters.set(key, filter);
    return filter;
  }
}

function createFilter(db: Reader): EventFilter {
  const shared = new LRUCache<number, Promise<readonly object[]>>({ max: MAX_SHARED_EVENTS, ttl: SHARED_MS });
  return async (events) => {
    const known = new Map(events.map(({ id }) => [id, shared.get(id)]));
    const fresh = events.filter(({ id }) => known.get(id) === undefined);
    const reading = visibleRows(db, fresh);
    for (const { id } of fresh) {
      const rows = reading.then((visible) => visible.get(id) ?? []);
      // An error is for those who wait for it now.
      rows.catch(() => shared.delete(id));
      shared.set(id, rows);
      known.set(id, rows);
    }
    const answers = events.map(async ({ id }) => [id, (await known.get(id)) ?? []] as const);
    return new Map(await Promise.all(answers));
  };
}

/** Asks once per topic, whatever the number of events. */
async function visibleRows(db: Reader, events: readonly LiveEvent[]): Promise<ReadonlyMap<number, readonly object[]>> {
  const result = new Map<number, readonly object[]>();
  for (const [topic, resource] of Object.entries(RESOURCES)) {
    const ofTopic = events
      .filter((event) => event.topic === topic)
      .map(({ id, frame }) => ({ id, rows: rowsOf(frame) as Row[] }));
    if (ofTopic.length === 0) continue;
    const { table, key } = resource;
    const ids = new Set(ofTopic.flatMap(({ rows }) => rows.map((row) => row[key])));
    const { rows: found } = await db.query<{ id: number | string }>(`SELECT id FROM ${table} WHERE id = ANY($1)`, [
      [...ids],
    ]);
    const visible = new Set<unknown>(found.map(({ id }) => id));
    for (const { id, rows } of ofTopic)
      result.set(
        id,
        rows.filter((row) => visible.has(row[key])),
      );
  }
  return result;
}
