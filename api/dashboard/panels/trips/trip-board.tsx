import { currentTime, timeZone } from "../../state/clock.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Trip } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { formatCount } from "../../labels/quantities.ts";
import { formatDateTime, formatHoursMinutes } from "../../labels/times.ts";
import { useRowKeys } from "../controls/use-row-keys.ts";
import { TRIP_STATUS_LABELS, tripSummary } from "./trip-labels.ts";
import { StopLabels } from "./stop-labels.tsx";

/** Trips by vehicle, in the order in which they begin. */
export function TripBoard({ trips }: { trips: readonly Trip[] }) {
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const groups = new Map<number, Trip[]>();
  for (const trip of trips) groups.set(trip.vehicle_id, [...(groups.get(trip.vehicle_id) ?? []), trip]);
  const sorted = [...groups].toSorted(([, [a]], [, [b]]) =>
    vehicleName(a!).localeCompare(vehicleName(b!), "en", { numeric: true }),
  );
  const rowKeys = useRowKeys(sorted.flatMap(([, of]) => of.map(({ id }) => detailKey({ kind: "trip", id }))));
  return (
    <table class="list board">
      <caption class="hidden">Trips by vehicle</caption>
      <thead>
        <tr>
          <th scope="col">Trip</th>
          <th scope="col">Planned against actual</th>
        </tr>
      </thead>
      {sorted.map(([vehicleId, of]) => (
        <tbody key={vehicleId} aria-label={vehicleName(of[0]!)} onKeyDown={rowKeys.onKeyDown}>
          <tr class="board-status">
            <th scope="rowgroup" colSpan={2}>
              {vehicleName(of[0]!)} <span class="count">{formatCount(of.length)}</span>
            </th>
          </tr>
          {of.map((trip) => (
            <tr key={trip.id}>
              <th scope="row">
                <button
                  type="button"
                  class="link opener"
                  {...rowKeys.opener(detailKey({ kind: "trip", id: trip.id }))}
                  onClick={() => openDetail({ kind: "trip", id: trip.id })}
                >
                  {formatDateTime(trip.starts_at, where)}–{formatHoursMinutes(trip.ends_at, where)}
                </button>
                <span class="kind">{trip.driver?.name}</span>
              </th>
              <td class="wraps">
                <span class={`status trip-${trip.status}`}>{TRIP_STATUS_LABELS[trip.status]}</span>{" "}
                <StopLabels of={tripSummary(trip, now, where)} />
              </td>
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  );
}

const vehicleName = ({ vehicle, vehicle_id: id }: Trip): string => vehicle ?? `Vehicle ${id}`;
