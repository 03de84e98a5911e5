import { useState } from "preact/hooks";
import { getAll, post, put } from "../../state/client.ts";
import { currentTime, timeZone } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import type { Trip } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { ProblemText } from "../controls/problem-text.tsx";
import { choicesOf, withChosen } from "../controls/use-items.ts";
import { useLoad } from "../controls/use-load.ts";
import { useWrite } from "../controls/use-write.ts";
import { PlanStop } from "./plan-stop.tsx";
import { draftOf, stopAfter, stopsOf, withStops } from "./trip-plan.ts";

interface PlanTripProps {
  /** that is changed; undefined: a new one */
  trip?: Trip;
  onDone: (id: number) => void;
}

/** Makes or changes a plan: vehicle, driver, stops in their order, their windows, and what is loaded where. */
export function PlanTrip({ trip, onDone }: PlanTripProps) {
  const { vehicles, locations } = useStore(appData);
  const where = useStore(timeZone);
  const [plan, setPlan] = useState(() => draftOf(trip, currentTime.get(), where));
  const drivers = useLoad("drivers", null, (signal) => getAll("/drivers?limit=200", 5000, signal));
  const { busy, problem, run } = useWrite();
  const { stops } = plan;
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const driver = (fields.get("driver") as string).trim();
    const body = {
      vehicle_id: Number(fields.get("vehicle_id")),
      driver: driver === "" ? null : driver,
      stops: stopsOf(plan, where),
    };
    await run(async () => onDone((await (trip ? put(`/trips/${trip.id}`, body) : post("/trips", body))).id));
  }
  return (
    <form
      class="plan-trip"
      aria-label={trip ? "Change the plan" : "Plan a trip"}
      onSubmit={(event) => void submit(event)}
    >
      <div class="inline-form">
        <label>
          Vehicle
          <select name="vehicle_id" required>
            {!trip && <option value="">–</option>}
            {withChosen(choicesOf(vehicles.values()), trip?.vehicle_id).map(([id, name]) => (
              <option key={id} value={id} selected={id === trip?.vehicle_id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Driver
          <input
            name="driver"
            list="drivers"
            maxLength={255}
            autocomplete="off"
            defaultValue={trip?.driver?.name ?? ""}
          />
          <datalist id="drivers">
            {(drivers?.value?.rows ?? []).map(({ id, name }) => (
              <option key={id} value={name} />
            ))}
          </datalist>
        </label>
      </div>
      <ol class="plan-stops">
        {stops.map((stop, at) => (
          <PlanStop
            key={stop.key}
            at={at}
            plan={plan}
            locations={choicesOf(locations.values())}
            onChange={setPlan}
            onMove={(to) => {
              const others = stops.filter(({ key }) => key !== stop.key);
              setPlan(withStops(plan, [...others.slice(0, to), stop, ...others.slice(to)]));
            }}
            onRemove={() =>
              setPlan(
                withStops(
                  plan,
                  stops.filter(({ key }) => key !== stop.key),
                ),
              )
            }
          />
        ))}
      </ol>
      <ProblemText problem={problem} />
      <div class="actions">
        <button type="button" onClick={() => setPlan(withStops(plan, [...stops, stopAfter(stops.at(-1)!, where)]))}>
          Add a stop
        </button>
        <button type="submit" class="primary" disabled={busy}>
          {trip ? "Save the plan" : "Plan it"}
        </button>
      </div>
    </form>
  );
}
