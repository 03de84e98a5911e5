import type { Pool } from "pg";
import type { AlertRule } from "../domain/alert/rule.ts";
import {
  stopsToAssess,
  tripsOfEvidence,
  tripsOfShipments,
  tripsToAssess,
} from "../stores/queries/alerts/trip-stops.ts";
import { assessSubjects } from "./assess-subjects.ts";
import type { DirtySubjects } from "./change-feed.ts";
import { DirtyIds } from "./dirty-ids.ts";
import { TRIP_STOPS } from "./subject-kind.ts";
import { BATCH_SIZE, takeDirty } from "./take-dirty.ts";

/** A stop is verified once in so long at most, and what was read at one place in one hour is looked up so often, milliseconds. */
const REST_MS = 2_000;
/** Verifying a trip reads every tag around its stops: so many stops at once. */
const STOPS_AT_ONCE = 20;

/**
 * Finds the stops of trips whose load may be judged otherwise than before, and has them assessed:
 *
 *   trips      a vehicle has arrived, left, or its plan has changed
 *   carried    something became known of a shipment: a scan, a booking, a void
 *   evidence   a gate, a shelf or the reader aboard has read a tag
 *
 * Nothing is verified by a clock: a trip whose vehicle left long ago is verified again when something becomes known of it.
 */
export class TripsTurn {
  readonly dirty: Pick<DirtySubjects, "trips" | "carried" | "evidence"> = {
    trips: new DirtyIds<number>(0),
    carried: new DirtyIds<number>(REST_MS),
    evidence: new DirtyIds<string>(REST_MS),
  };
  /** `12:stop:2` */
  readonly stops = new DirtyIds<string>(REST_MS);
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** @param rules those that apply now: they may change while trips are looked for */
  async run(rules: () => readonly AlertRule[]): Promise<void> {
    if (!rules().some(({ type }) => TRIP_STOPS.types.includes(type))) {
      // A rule that is turned on has everything looked at.
      for (const ids of [...Object.values(this.dirty), this.stops]) ids.clear();
      return;
    }
    await this.#findTrips();
    const page = this.stops.take(performance.now(), STOPS_AT_ONCE);
    try {
      await assessSubjects(this.#pool, rules(), TRIP_STOPS, page);
    } catch (error) {
      this.stops.add(page);
      throw error;
    }
  }

  async #findTrips(): Promise<void> {
    const { trips, carried, evidence } = this.dirty;
    const pool = this.#pool;
    for (const ids of [carried, evidence]) {
      const since = ids.takeSince();
      if (since !== undefined) trips.addSince(since);
    }
    const none = () => Promise.resolve([]);
    await takeDirty(pool, carried, none, async (page) => trips.add(await tripsOfShipments(pool, page)));
    await takeDirty(pool, evidence, none, async (page) => trips.add(await tripsOfEvidence(pool, page)));
    await takeDirty(
      pool,
      trips,
      (_, after = 0) => tripsToAssess(pool, after, BATCH_SIZE),
      async (page) => this.stops.add(await stopsToAssess(pool, page)),
    );
  }
}
