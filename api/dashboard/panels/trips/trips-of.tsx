import { currentTime, timeZone } from "../../state/clock.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import { useStore } from "../../state/store.ts";
import { formatDateTime } from "../../labels/times.ts";
import { TRIP_STATUS_LABELS, tripSummary } from "./trip-labels.ts";
import { useTrips, useTripsVersion } from "./use-trips.ts";
import { StopLabels } from "./stop-labels.tsx";

const DAY_MS = 86_400_000;
/** Older trips of a vehicle are found on the board, by their time. */
const DAYS = 30;

/** The trips of a vehicle or a shipment, the last first. @param query such as `vehicle_id=7` */
export function TripsOf({ query, most = 10 }: { query: string; most?: number }) {
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const from = new Date((Math.floor(now / DAY_MS) - DAYS) * DAY_MS).toISOString();
  const loaded = useTrips(`${query}&from=${from}`, useTripsVersion());
  if (loaded === undefined) return null;
  if (loaded.problem !== null) return <p class="problem">The trips could not be loaded: {loaded.problem}</p>;
  if (loaded.value.length === 0) return null;
  return (
    <section aria-label="Trips">
      <h3>Trips</h3>
      <ul class="lines">
        {loaded.value
          .toReversed()
          .slice(0, most)
          .map((trip) => (
            <li key={trip.id}>
              <button
                type="button"
                class="link"
                data-opens={detailKey({ kind: "trip", id: trip.id })}
                onClick={() => openDetail({ kind: "trip", id: trip.id })}
              >
                {formatDateTime(trip.starts_at, where)}
                {!query.startsWith("vehicle_id") && trip.vehicle !== null && ` · ${trip.vehicle}`}
              </button>
              <span class="grow">
                {" "}
                {TRIP_STATUS_LABELS[trip.status]} · <StopLabels of={tripSummary(trip, now, where)} />
              </span>
            </li>
          ))}
      </ul>
    </section>
  );
}
