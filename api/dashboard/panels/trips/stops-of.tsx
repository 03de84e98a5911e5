import { formatDateTime, formatDuration, formatUntil } from "../../labels/times.ts";
import { timeZone } from "../../state/clock.ts";
import { useStore } from "../../state/store.ts";
import { useAll } from "../controls/use-load.ts";
import { PlaceLink } from "../places/place-link.tsx";
import { Idled, useTurn } from "./drives-of.tsx";

const MINUTE_MS = 60_000;

/** Where a vehicle stood between its drives of the last seven days, the last first. */
export function StopsOf({ vehicleId, most = 10 }: { vehicleId: number; most?: number }) {
  const where = useStore(timeZone);
  const loaded = useAll(`/vehicles/${vehicleId}/stops`, useTurn());
  if (loaded === undefined) return null;
  if (loaded.problem !== null) return <p class="problem">The stops could not be loaded: {loaded.problem}</p>;
  if (loaded.value.length === 0)
    return <p class="empty">It has not stopped between two drives of the last seven days.</p>;
  return (
    <section aria-label="Stops">
      <ul class="lines">
        {loaded.value
          .toReversed()
          .slice(0, most)
          .map(({ arrived_at: arrived, left_at: left, location_id: id, lat, lon, ...stop }) => (
            <li key={arrived}>
              <span class="grow">
                {id === null ? `${lat.toFixed(5)}, ${lon.toFixed(5)}` : <PlaceLink id={id} name={stop.location_name} />}
                <span class="muted">
                  {" "}
                  · {formatDateTime(arrived, where)} to {formatUntil(arrived, left, where)}
                </span>
                <Idled minutes={stop.idling_minutes} />
              </span>
              <span class="number">{formatDuration(stop.minutes * MINUTE_MS)}</span>
            </li>
          ))}
      </ul>
      <p class="label-files">
        <a href={`/vehicles/${vehicleId}/stops?format=csv`} download={`stops-of-vehicle-${vehicleId}.csv`}>
          All stops of these days as CSV
        </a>
      </p>
    </section>
  );
}
