import { currentTime, timeZone } from "../../state/clock.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Trip, TripStop } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { formatDateTime, formatHoursMinutes } from "../../labels/times.ts";
import { PlaceLink } from "../places/place-link.tsx";
import { StopLoad, useVerification } from "./trip-load.tsx";
import { actualText, expectedText, minutesText, stopLabel, windowText } from "./trip-labels.ts";
import { StopLabels } from "./stop-labels.tsx";

/** The stops of a trip: window, arrival and departure, late or early in words, and what was to be loaded against what was read. */
export function TripStops({ trip, version }: { trip: Trip; version: string }) {
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const verification = useVerification(trip.id, version);
  return (
    <section aria-label="Stops">
      <h3>Stops</h3>
      <ol class="trip-stops">
        {trip.stops.map((stop) => (
          <li
            key={stop.sequence}
            class={`trip-stop ${stop.state}`}
            aria-label={`Stop ${stop.sequence}: ${stop.location}`}
          >
            <p class="trip-stop-head">
              <strong>{stop.sequence}</strong> <PlaceLink id={stop.location_id} />
              <StopLabels of={[stopLabel(stop, trip, now, where)]} />
            </p>
            <p class="muted">
              planned {windowText(stop, where)}
              {actualText(stop, where) !== null && ` · actual ${actualText(stop, where)}`}
              {expectedText(stop, now, where) !== null && ` · ${expectedText(stop, now, where)}`}
              {stop.dwell_minutes !== null && ` · ${minutesText(stop.dwell_minutes)} there`}
            </p>
            <StopShipments stop={stop} />
            <StopLoad of={verification?.value?.stops.find(({ sequence }) => sequence === stop.sequence)} />
          </li>
        ))}
      </ol>
      {verification?.problem && <p class="problem">What was loaded could not be read: {verification.problem}</p>}
      {trip.unplanned_stops.length > 0 && (
        <>
          <h3>Unplanned stops</h3>
          <ul class="lines">
            {trip.unplanned_stops.map((stop) => (
              <li key={stop.arrived_at}>
                <span class="grow">
                  {stop.location_id === null ? positionText(stop) : <PlaceLink id={stop.location_id} />}
                </span>
                <span class="number">
                  {formatDateTime(stop.arrived_at, where)}
                  {stop.departed_at === null ? ", still there" : `–${formatHoursMinutes(stop.departed_at, where)}`}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

const positionText = ({ lat, lon }: { lat: number | null; lon: number | null }): string =>
  lat === null || lon === null ? "in the street" : `in the street at ${lat.toFixed(4)}, ${lon.toFixed(4)}`;

function StopShipments({ stop }: { stop: TripStop }) {
  if (stop.shipments.length === 0) return null;
  return (
    <p class="trip-shipments">
      {stop.shipments.map(({ id, tracking_number: number, action }) => (
        <span key={`${id} ${action}`}>
          {action}{" "}
          <button
            type="button"
            class="link"
            data-opens={detailKey({ kind: "shipment", id })}
            onClick={() => openDetail({ kind: "shipment", id })}
          >
            {number}
          </button>
        </span>
      ))}
    </p>
  );
}
