import { useEffect, useRef, useState } from "preact/hooks";
import { getAll } from "../../state/client.ts";
import { currentTime } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import { useStore } from "../../state/store.ts";
import { type Loaded, useLoad } from "../controls/use-load.ts";
import type { Trip } from "../../state/resources.ts";

const MAX_TRIPS = 1000;
/**
 * The stream has no topic of its own for trips. What changes a trip (its vehicle arrives or leaves, its stops are expected at another time)
 * changes the shipments aboard in the same commit, and of these the stream tells: trips are read again so soon after, milliseconds.
 */
const GATHER_MS = 1_000;
/** Trips of vehicles without goods, and plans of others, are read again this often, milliseconds. */
const AGAIN_MS = 10_000;

/** A number that grows when trips are to be read again. */
export function useTripsVersion(): number {
  const { shipments } = useStore(appData);
  const [heard, setHeard] = useState(0);
  const known = useRef(shipments);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (known.current === shipments) return;
    known.current = shipments;
    waiting.current ??= setTimeout(() => {
      waiting.current = undefined;
      setHeard((before) => before + 1);
    }, GATHER_MS);
  }, [shipments]);
  useEffect(() => () => clearTimeout(waiting.current), []);
  return Math.floor(useStore(currentTime) / AGAIN_MS) + heard;
}

/** Trips by a query such as `vehicle_id=7`, in the order in which they begin. */
export function useTrips(query: string, version: unknown): Loaded<Trip[]> {
  return useLoad(`trips ${query}`, version, async (signal) => {
    const { rows } = await getAll(`/trips?limit=200&${query}`, MAX_TRIPS, signal);
    return rows;
  });
}
