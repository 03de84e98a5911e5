import type { NewFact } from "../fact.ts";
import { mergeTrackers } from "./merge-trackers.ts";

/*
 * Where a vehicle was, by its own arrivals and departures:
 *
 * 1. The facts of all its trackers are one track: one arrival, one departure (merge-trackers.ts).
 * 2. It was in a place from its arrival to its departure. A departure without an arrival before it means that it was there
 *    from the beginning. So does a drive that began in the place, when nothing is known from before; that ends with the next drive that
 *    begins elsewhere.
 * 3. Between two facts, outside all places, it was on the road. Before its first fact, or without any, nothing is known.
 */

/**
 * A stay in a place, epoch milliseconds; `from: null`: before the first fact, `to: null`: it is still there. `earliest`: it may
 * have come since then, while its tracker was silent.
 */
export interface VehicleStay {
  locationId: number;
  from: number | null;
  earliest?: number;
  to: number | null;
  /** it may have left since then, while its tracker was silent */
  mayHaveLeft?: number;
}

const KNOWN_BEFORE_MS = 12 * 3_600_000;

export class VehicleTrack {
  readonly stays: readonly VehicleStay[];
  /** when it drove off from a stop, inside or outside of places, epoch milliseconds */
  readonly starts: readonly number[];
  /** when it had come to a stop after a drive */
  readonly #ends: readonly number[];
  readonly #firstAt: number;

  /** @param facts of one vehicle, merged, in order of time */
  constructor(facts: readonly NewFact[]) {
    const stays: VehicleStay[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    let firstAt = Infinity;
    for (const fact of facts) {
      if (fact.type === "trip") ends.push(fact.at);
      if (fact.type !== "arrived" && fact.type !== "departed" && fact.type !== "trip_started") continue;
      const isFirst = firstAt === Infinity;
      firstAt = Math.min(firstAt, fact.at);
      if (fact.type === "trip_started") {
        starts.push(fact.at);
        const { locationIds } = fact.data;
        if (isFirst) stays.push(...locationIds.map((locationId) => ({ locationId, from: null, to: null })));
        else endAssumed(stays, locationIds, fact.at);
        continue;
      }
      const { locationId } = fact.data;
      const open = stays.find((stay) => stay.locationId === locationId && stay.to === null);
      if (fact.type === "arrived") {
        const earliest = fact.data.between?.from;
        const since = { from: fact.at, ...(earliest !== undefined && { earliest }) };
        if (open === undefined) stays.push({ locationId, ...since, to: null });
        continue;
      }
      const mayHaveLeft = fact.data.between?.from;
      const left = { to: fact.at, ...(mayHaveLeft !== undefined && { mayHaveLeft }) };
      if (open) Object.assign(open, left);
      else if (!stays.some((stay) => stay.locationId === locationId)) stays.push({ locationId, from: null, ...left });
    }
    this.stays = stays;
    this.starts = starts;
    this.#ends = ends;
    this.#firstAt = firstAt;
  }

  /** The places it is in at this time, the one it entered last first. */
  placesAt(at: number): number[] {
    return this.stays
      .filter(({ from, to }) => (from === null || from <= at) && (to === null || at < to))
      .toSorted((a, b) => (b.from ?? -Infinity) - (a.from ?? -Infinity))
      .map(({ locationId }) => locationId);
  }

  /** Whether it may have come to the place by this time, unseen: its tracker was silent. */
  mayHaveCome(locationId: number | null, at: number): boolean {
    return this.stays.some(
      ({ locationId: id, from, earliest }) =>
        id === locationId && (earliest ?? Infinity) <= at && at < (from ?? -Infinity),
    );
  }

  /** Whether it is known to be outside all places at this time. */
  isOnRoad(at: number): boolean {
    return at >= this.#firstAt && this.placesAt(at).length === 0;
  }

  /**
   * Whether it is known where it was, on the road included. Where it was before its first fact is known for twelve hours before that:
   * facts of later times need not be at hand.
   */
  isKnownAt(at: number): boolean {
    const stays = this.stays.filter(
      ({ from, to, mayHaveLeft }) => (from ?? -Infinity) <= at && at < (mayHaveLeft ?? to ?? Infinity),
    );
    return this.isOnRoad(at) || stays.some(({ from, to }) => from !== null || (to ?? Infinity) - at <= KNOWN_BEFORE_MS);
  }

  /** The place that it left last; undefined: none is known. */
  lastLeft(at: number): number | undefined {
    const left = this.stays.filter(({ to }) => to !== null && to <= at);
    return left.toSorted((a, b) => b.to! - a.to!)[0]?.locationId;
  }

  /** The next stay after this time; undefined: none is known. */
  nextStay(at: number): VehicleStay | undefined {
    const later = this.stays.filter(({ from }) => from !== null && from > at);
    return later.toSorted((a, b) => a.from! - b.from!)[0];
  }

  /** The place that it came to next; undefined: none is known. */
  nextPlace(at: number): number | undefined {
    return this.nextStay(at)?.locationId;
  }

  /** Whether it is known to drive all this time, without a stop. */
  isDriving(from: number, to: number): boolean {
    const start = this.starts.findLast((at) => at <= from);
    return start !== undefined && !this.#ends.some((at) => at > start && at < to);
  }

  /** How long ago it left the place, milliseconds; undefined: it is there, or never was. */
  sinceLeaving(locationId: number, at: number): number | undefined {
    const left = this.stays.filter((stay) => stay.locationId === locationId && stay.to !== null && stay.to <= at);
    if (left.length === 0 || this.placesAt(at).includes(locationId)) return undefined;
    return at - Math.max(...left.map(({ to }) => to!));
  }
}

/** Ends the stays of which only the beginning of a drive tells, in places where the next one does not begin. */
function endAssumed(stays: VehicleStay[], locationIds: readonly number[], at: number): void {
  for (const stay of stays)
    if (stay.from === null && stay.to === null && !locationIds.includes(stay.locationId)) stay.to = at;
}

export class VehicleTracks<F extends NewFact = NewFact> {
  readonly #tracks = new Map<number, VehicleTrack>();
  /** all facts, those of several trackers of one vehicle merged */
  readonly facts: readonly F[];

  /** @param facts of any kind, in order of time */
  constructor(facts: readonly F[]) {
    const byVehicle = new Map<number, F[]>();
    const others: F[] = [];
    for (const fact of facts) {
      if (!fact.subject.startsWith("vehicle:")) others.push(fact);
      else {
        const id = Number(fact.subject.slice("vehicle:".length));
        const known = byVehicle.get(id);
        if (known) known.push(fact);
        else byVehicle.set(id, [fact]);
      }
    }
    for (const [id, some] of byVehicle) {
      const merged = mergeTrackers(some);
      this.#tracks.set(id, new VehicleTrack(merged));
      others.push(...merged);
    }
    this.facts = others;
  }

  /** The stays of all these vehicles in one place. */
  staysIn(locationId: number | null): VehicleStay[] {
    return [...this.#tracks.values()].flatMap(({ stays }) => stays.filter((stay) => stay.locationId === locationId));
  }

  /** The vehicles in a place at this time, epoch milliseconds. */
  vehiclesIn(locationId: number, at: number): number[] {
    return [...this.#tracks].flatMap(([id, track]) => (track.placesAt(at).includes(locationId) ? [id] : []));
  }

  of(vehicleId: number): VehicleTrack {
    return this.#tracks.get(vehicleId) ?? NO_TRACK;
  }
}

const NO_TRACK = new VehicleTrack([]);
