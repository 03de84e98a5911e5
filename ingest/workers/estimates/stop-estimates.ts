import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";
import { transaction } from "../../decisions/record-facts.ts";
import { estimateEta } from "../../domain/eta/estimate.ts";
import { estimateStops } from "../../domain/eta/stops.ts";
import { laneKey, loadDwells, loadLanes } from "../../stores/queries/eta/lanes.ts";
import {
  loadTripsUnderWay,
  type StopEtaRow,
  type TripUnderWay,
  writeStopEtas,
} from "../../stores/queries/eta/stops.ts";
import { readFences } from "../../stores/queries/registry/fences.ts";
import { type Loop, startLoop } from "../loop.ts";

const INTERVAL_MS = 1_000;
/** All stops are estimated again no sooner than this after they were begun. */
const PASS_MS = 10_000;
/** Estimates take a tenth of the time at most. */
const PAUSE = 9;
/** Trips of one transaction. */
const PAGE = 200;

/** Estimates when vehicles will be at the stops of their trips, page by page. */
export function startStopEstimates(pool: Pool, log: Logger): Loop {
  let [nextMs, nextPassMs, after] = [0, 0, 0];
  async function tick(): Promise<boolean> {
    const began = performance.now();
    if (began < nextMs || (after === 0 && began < nextPassMs)) return false;
    if (after === 0) nextPassMs = began + PASS_MS;
    after = (await estimateStopsPage(pool, after, PAGE)) ?? 0;
    nextMs = performance.now() + PAUSE * (performance.now() - began);
    return false;
  }
  return startLoop("stop estimates", tick, log, INTERVAL_MS);
}

/** @returns what the next page begins after; undefined: that was the last one, or another node is at it */
export function estimateStopsPage(pool: Pool, after: number, pageSize: number): Promise<number | undefined> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ mine: boolean; now: number }>(
      "SELECT pg_try_advisory_xact_lock(hashtext('waystock stops')) AS mine, extract(epoch FROM now())::float8 * 1000 AS now",
    );
    const { mine, now } = rows[0]!;
    if (!mine) return undefined;
    const trips = await loadTripsUnderWay(client, after, pageSize);
    const through = trips.length < pageSize ? undefined : trips.at(-1)!.tripId;
    await writeStopEtas(client, await estimateTrips(client, trips, now), after, through ?? null);
    return through;
  });
}

/** Where the vehicle of a trip comes from: the place that it left last, or is at. */
const originOf = ({ leg }: TripUnderWay): number | null => leg?.departedFrom ?? leg?.placeId ?? null;

/** The lane to each of its stops: from where the vehicle comes, then from stop to stop. */
function lanesOfTrip(trip: TripUnderWay): (readonly [originId: number, destinationId: number] | undefined)[] {
  let from = originOf(trip);
  return trip.stops.map(({ locationId }) => {
    const lane = from === null || from === locationId ? undefined : ([from, locationId] as const);
    from = locationId;
    return lane;
  });
}

async function estimateTrips(client: PoolClient, trips: readonly TripUnderWay[], now: number): Promise<StopEtaRow[]> {
  const places = new Set(trips.flatMap(({ stops }) => stops.map(({ locationId }) => locationId)));
  const fences = await readFences(client, [...places]);
  const lanes = await loadLanes(
    client,
    trips.flatMap(lanesOfTrip).flatMap((lane) => (lane === undefined ? [] : [lane])),
  );
  const dwells = await loadDwells(client, [...places, ...trips.flatMap(({ leg }) => leg?.placeId ?? [])]);
  const runsOf = (lane: readonly [number, number] | undefined) => (lane && lanes.get(laneKey(...lane))) ?? [];
  return trips.flatMap((trip) => {
    const { tripId, position, trail, leg, stops } = trip;
    const ways = lanesOfTrip(trip);
    const [first] = stops as [(typeof stops)[number]];
    const next = estimateEta({
      ...{ now, destinationId: first.locationId, destination: fences.get(first.locationId)?.fence, trail, leg },
      position: position ?? undefined,
      lanes: ways[0] ? [{ originId: ways[0][0], runs: runsOf(ways[0]) }] : [],
      dwellsMs: dwells.get(leg?.placeId ?? 0) ?? [],
    });
    const further = stops.slice(1).map(({ locationId }, index) => {
      const before = stops[index]!.locationId;
      return {
        runs: runsOf(ways[index + 1]),
        from: fences.get(before)?.fence,
        to: fences.get(locationId)?.fence,
        dwellsMs: dwells.get(before) ?? [],
      };
    });
    return [next, ...estimateStops(next, further)].map((eta, index) => ({
      ...eta,
      tripId,
      sequence: stops[index]!.sequence,
    }));
  });
}
