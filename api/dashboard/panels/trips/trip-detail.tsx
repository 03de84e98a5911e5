import { useState } from "preact/hooks";
import { post, remove } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { close, openVehicle, vehicleKey } from "../../state/navigation.ts";
import type { Trip } from "../../state/resources.ts";
import { mayManage } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { formatDateTime, formatHoursMinutes } from "../../labels/times.ts";
import { Action } from "../controls/action.tsx";
import { ConfirmButton } from "../controls/confirm-button.tsx";
import { DetailFrame } from "../controls/detail-frame.tsx";
import { Facts } from "../controls/facts.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { useGet } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { useWrite } from "../controls/use-write.ts";
import { PlanTrip } from "./plan-trip.tsx";
import { TripStops } from "./trip-stops.tsx";
import { TRIP_STATUS_LABELS } from "./trip-labels.ts";
import { useTripsVersion } from "./use-trips.ts";

/** One trip: its stops planned against actual, what was loaded and unloaded, and its plan. */
export function TripDetail({ id }: { id: number }) {
  const where = useStore(timeZone);
  const version = useTripsVersion();
  const [reads, setReads] = useState(0);
  const loaded = useGet(`/trips/${id}`, `${reads} ${version}`);
  const trip = loaded?.value;
  return (
    <DetailFrame label={`Trip ${id}`}>
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The trip could not be loaded: {loaded.problem}</p>}
      {trip && (
        <>
          <h2>{trip.vehicle ?? `Vehicle ${trip.vehicle_id}`}</h2>
          <Facts
            of={[
              ["Status", <span class={`status trip-${trip.status}`}>{TRIP_STATUS_LABELS[trip.status]}</span>],
              ["Planned", `${formatDateTime(trip.starts_at, where)}–${formatHoursMinutes(trip.ends_at, where)}`],
              ["Driver", trip.driver?.name],
              [
                "On the map",
                trip.vehicle && (
                  <button
                    type="button"
                    class="link"
                    data-opens={vehicleKey(trip.vehicle_id)}
                    onClick={() => openVehicle(trip.vehicle_id)}
                  >
                    {trip.vehicle}
                  </button>
                ),
              ],
              ["Cancelled", trip.cancelled_at && formatDateTime(trip.cancelled_at, where)],
            ]}
          />
          <TripStops trip={trip} version={`${reads} ${version}`} />
          <TripActions trip={trip} onChanged={() => setReads((before) => before + 1)} />
        </>
      )}
    </DetailFrame>
  );
}

/** A trip that is over keeps its plan; a planned or cancelled one may be removed. */
function TripActions({ trip, onChanged }: { trip: Trip; onChanged: () => void }) {
  const isPlanner = useMay(mayManage);
  const { busy, problem, run } = useWrite();
  if (!isPlanner) return null;
  const isOpen = trip.status === "planned" || trip.status === "under_way";
  const mayRemove = trip.status === "planned" || trip.status === "cancelled";
  return (
    <section aria-label="Plan">
      <h3>Plan</h3>
      {isOpen && (
        <Action label="Change the plan">
          {(onDone) => (
            <PlanTrip
              trip={trip}
              onDone={() => {
                onDone();
                onChanged();
              }}
            />
          )}
        </Action>
      )}
      <p class="actions">
        {isOpen && (
          <ConfirmButton
            label="Cancel the trip"
            question="Cancel it? Its vehicle is free for others then."
            disabled={busy}
            onConfirm={() =>
              void run(() => post(`/trips/${trip.id}/cancel`, {})).then((isDone) => isDone && onChanged())
            }
          />
        )}
        {mayRemove && (
          <ConfirmButton
            label="Remove the trip"
            question="Remove it for good?"
            disabled={busy}
            onConfirm={() => void run(() => remove(`/trips/${trip.id}`)).then((isDone) => isDone && close("detail"))}
          />
        )}
      </p>
      <ProblemText problem={problem} />
    </section>
  );
}
