import { getAll } from "../../state/client.ts";
import { currentTime } from "../../state/clock.ts";
import { useStore } from "../../state/store.ts";
import { type Loaded, useLoad } from "../controls/use-load.ts";
import type { Trip } from "../../state/resources.ts";

const MAX_TRIPS = 1000;
/** Trips change when vehicles arrive and leave, of which the stream tells nothing: they are read again this often, milliseconds. */
const AGAIN_MS = 10_000;

/** A number that changes when trips are to be read again. */
export function useTripsVersion(): number {
  return Math.floor(useStore(currentTime) / AGAIN_MS);
}

/** Trips by a query such as `vehicle_id=7`, in the order in which they begin. */
export function useTrips(query: string, version: unknown): Loaded<Trip[]> {
  return useLoad(`trips ${query}`, version, async (signal) => {
    const { rows } = await getAll(`/trips?limit=200&${query}`, MAX_TRIPS, signal);
    return rows;
  });
}
