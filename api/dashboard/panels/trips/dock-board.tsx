import { currentTime, timeZone } from "../../state/clock.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Trip, TripStop } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { formatCount } from "../../labels/quantities.ts";
import { formatDateTime, formatHoursMinutes } from "../../labels/times.ts";
import { useRowKeys } from "../controls/use-row-keys.ts";
import { actualText, stopLabel } from "./trip-labels.ts";
import { StopLabels } from "./stop-labels.tsx";

interface PlaceDwell {
  trip: Trip;
  stop: TripStop;
}

/** What comes to each place, and when: docks, yards, shops. */
export function DockBoard({ trips }: { trips: readonly Trip[] }) {
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const groups = new Map<string, PlaceDwell[]>();
  for (const trip of trips.filter(({ status }) => status !== "cancelled")) {
    for (const stop of trip.stops) groups.set(stop.location, [...(groups.get(stop.location) ?? []), { trip, stop }]);
  }
  const sorted = [...groups].toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  for (const [, of] of sorted) of.sort((a, b) => a.stop.window.from.localeCompare(b.stop.window.from));
  const rowKeys = useRowKeys(sorted.flatMap(([, of]) => of.map(({ trip: { id } }) => detailKey({ kind: "trip", id }))));
  return (
    <table class="list board">
      <caption class="hidden">Stops by place</caption>
      <thead>
        <tr>
          <th scope="col">Window</th>
          <th scope="col">Vehicle, planned against actual</th>
        </tr>
      </thead>
      {sorted.map(([place, of]) => (
        <tbody key={place} aria-label={place} onKeyDown={rowKeys.onKeyDown}>
          <tr class="board-status">
            <th scope="rowgroup" colSpan={2}>
              {place} <span class="count">{formatCount(of.length)}</span>
            </th>
          </tr>
          {of.map(({ trip, stop }) => (
            <tr key={`${trip.id} ${stop.sequence}`}>
              <th scope="row">
                <button
                  type="button"
                  class="link opener"
                  {...rowKeys.opener(detailKey({ kind: "trip", id: trip.id }))}
                  onClick={() => openDetail({ kind: "trip", id: trip.id })}
                >
                  {formatDateTime(stop.window.from, where)}–{formatHoursMinutes(stop.window.to, where)}
                </button>
              </th>
              <td class="wraps">
                {trip.vehicle ?? `Vehicle ${trip.vehicle_id}`} · <StopLabels of={[stopLabel(stop, trip, now, where)]} />
                {actualText(stop, where) !== null && <span class="muted"> · {actualText(stop, where)}</span>}
                {stop.shipments.length > 0 && <span class="muted"> · {handlingText(stop)}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  );
}

/** "loads 2, unloads 1" */
function handlingText({ shipments }: TripStop): string {
  const count = (action: "load" | "unload") => shipments.filter((shipment) => shipment.action === action).length;
  return (["load", "unload"] as const)
    .filter((action) => count(action) > 0)
    .map((action) => `${action}s ${formatCount(count(action))}`)
    .join(", ");
}
