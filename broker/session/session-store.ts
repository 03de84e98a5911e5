import type { Logger } from "pino";
import { keepEmptyLevels } from "./empty-levels.ts";
import { boundMemory, type MemoryLimits, type MemoryStore } from "./memory-bounds.ts";
import { keepIdsOnly } from "./received-ids.ts";
import type { SessionNumbers } from "./session-numbers.ts";
import { mendQueues } from "./session-queue.ts";

export interface StoreParts {
  limits: MemoryLimits;
  /** QoS 2 messages of one session that wait for their PUBREL */
  maxInflightInbound: number;
  numbers: SessionNumbers;
  /** the subscriptions that were allowed: of a SUBSCRIBE, stock Aedes keeps the refused ones too */
  granted: WeakSet<object>;
  log: Logger;
}

/** Stock persistence, with the rules and bounds it leaves out. Each part wraps what those before it have made. */
export function completeStore(store: MemoryStore, parts: StoreParts): MemoryStore {
  keepEmptyLevels(store);
  keepIdsOnly(store, parts.maxInflightInbound);
  boundMemory(store, parts.limits, parts.log);
  mendQueues(store);
  parts.numbers.watch(store);
  const addSubscriptions = store.addSubscriptions.bind(store);
  store.addSubscriptions = (client, subscriptions) =>
    addSubscriptions(
      client,
      subscriptions.filter((subscription) => parts.granted.has(subscription)),
    );
  return store;
}
