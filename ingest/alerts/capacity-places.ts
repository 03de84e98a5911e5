import type { Pool } from "pg";
import type { PostgresListener } from "../stores/caches/device-registry.ts";
import { loadCapacityPlaces } from "../stores/queries/alerts/locations.ts";
import type { DirtyIds } from "./dirty-ids.ts";

/**
 * Knows which capacities the stock of a location counts for: its own, and those of what it lies in. So a change of stock is
 * passed over without a query where nobody has set a capacity.
 */
export class CapacityPlaces {
  readonly #pool: Pool;
  readonly #dirty: DirtyIds<number>;
  readonly #unsubscribe: () => void;
  #limits: ReadonlyMap<number, readonly number[]> = new Map();
  #isCurrent = false;

  /** @param dirty is told which locations are to be assessed */
  constructor(pool: Pool, listener: PostgresListener, dirty: DirtyIds<number>) {
    this.#pool = pool;
    this.#dirty = dirty;
    this.#unsubscribe = listener.subscribe({
      channel: "capacities",
      onNotify: () => (this.#isCurrent = false),
      onListening: () => (this.#isCurrent = false),
    });
  }

  /** Has the locations read again, and all of them assessed. */
  expire(): void {
    this.#isCurrent = false;
  }

  /** Reads the locations when they have changed. Those that have, or had, a capacity are to be assessed then. */
  async update(): Promise<void> {
    if (this.#isCurrent) return;
    // Set before reading: a change meanwhile makes it old again.
    this.#isCurrent = true;
    try {
      const limits = await loadCapacityPlaces(this.#pool);
      for (const known of [this.#limits, limits]) this.markStock(known.keys(), known);
      this.#limits = limits;
    } catch (error) {
      this.#isCurrent = false;
      throw error;
    }
  }

  /** Marks the locations whose capacity stock at these locations counts for. */
  markStock(locationIds: Iterable<number>, limits = this.#limits): void {
    for (const id of locationIds) this.#dirty.add(limits.get(id) ?? []);
  }

  close(): void {
    this.#unsubscribe();
  }
}
