import { useState } from "preact/hooks";
import type { Schemas } from "../../../client/index.ts";
import { formatAmount, formatCount, formatPercent, formatQuantity } from "../../labels/quantities.ts";
import { formatDate } from "../../labels/times.ts";
import { put } from "../../state/client.ts";
import { currentTime, timeZone } from "../../state/clock.ts";
import type { Location } from "../../state/resources.ts";
import { mayManage } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useGet } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { CAPACITY_FIELDS } from "./capacity-fields.ts";
import { PlacesBelow } from "./places-below.tsx";

type Forecast = Schemas["LocationUtilisationForecast"];

const MEASURES = ["units", "litres", "kilograms"] as const;
/** How full it is changes with every count there: it is read so often at most. */
const REFRESH_MS = 10_000;

/** How full a place is, when it will be, and the places in it. A manager sets its capacities. */
export function Utilisation({ place }: { place: Location }) {
  const [reads, setReads] = useState(0);
  const version = `${reads} ${Math.floor(useStore(currentTime) / REFRESH_MS)}`;
  const loaded = useGet(`/locations/${place.id}/utilisation`, version);
  const isManager = useMay(mayManage);
  const found = loaded?.value;
  return (
    <>
      <section aria-label="Room" class="room">
        <h3>Room</h3>
        {loaded?.problem && <p class="problem">How full it is could not be loaded: {loaded.problem}</p>}
        {found && <Rooms of={found} name={place.name} />}
        {found && isManager && (
          <Action label="Set its capacities">
            {(onDone) => (
              <RecordForm<Schemas["LocationChange"]>
                label="Set its capacities"
                action="Save"
                inline
                isChange
                fields={CAPACITY_FIELDS.map((field) => ({ ...field, value: capacityOf(found, field.name) }))}
                onSubmit={async (body) => {
                  await put(`/locations/${place.id}`, body);
                  setReads((before) => before + 1);
                  onDone();
                }}
              />
            )}
          </Action>
        )}
      </section>
      <PlacesBelow of={place.id} version={version} />
    </>
  );
}

function capacityOf(found: Forecast, name: (typeof CAPACITY_FIELDS)[number]["name"]): number | null {
  if (name === "capacity_units") return found.units.capacity;
  return name === "capacity_litres" ? found.litres.capacity : found.kilograms.capacity;
}

function Rooms({ of, name }: { of: Forecast; name: string }) {
  const limited = MEASURES.filter((measure) => of[measure].capacity !== null);
  if (limited.length === 0) return <p class="muted">It has no capacity: nothing says how full it is.</p>;
  return (
    <>
      {limited.map((measure) => (
        <Room key={measure} of={of[measure]} measure={measure} name={name} />
      ))}
      <p>{outlookOf(of)}</p>
      <p class="muted">{countedOf(of)}</p>
    </>
  );
}

function Room({ of, measure, name }: { of: Forecast["units"]; measure: string; name: string }) {
  const percent = of.percent ?? 0;
  return (
    <div class={percent >= 90 ? "low" : ""}>
      <p class="row-main">
        <span class="grow">
          {formatAmount(of.used)} of {formatAmount(of.capacity!)} {measure}
        </span>
        <strong class="number">{formatPercent(percent)}</strong>
      </p>
      <div
        class="bar"
        role="meter"
        aria-label={`${measure} in ${name}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(100, percent)}
        aria-valuenow={percent}
        aria-valuetext={`${formatPercent(percent)} full`}
      >
        <span style={{ width: `${Math.min(100, percent)}%` }} />
      </div>
      {of.units_not_counted > 0 && (
        <p class="muted">
          ▲ {formatCount(of.units_not_counted)} more {of.units_not_counted === 1 ? "unit is" : "units are"} there whose{" "}
          {measure === "litres" ? "volume" : "weight"} is not known: they are not counted.
        </p>
      )}
    </div>
  );
}

/** When it is full, with what that follows from. */
function outlookOf({ forecast, ...rooms }: Forecast): string {
  const { full_at: fullAt, measure, history_days: days, window_days: window } = forecast;
  const span = days < window ? `${Math.floor(days)} days` : `${window} days`;
  if (fullAt !== null && measure !== null) {
    if ((rooms[measure].percent ?? 0) >= 100) return "It is full.";
    const perDay = `${formatAmount(rooms[measure].net_per_day ?? 0)} ${measure} a day`;
    return `Full on ${formatDate(fullAt, timeZone.get())}, at ${perDay}, which came in more than left in the last ${span}.`;
  }
  if (forecast.insufficient_history) return "When it will be full is not known: it takes 14 days of movements.";
  return `It does not fill: in the last ${span} no more came in than left, or too little to matter.`;
}

function countedOf({ locations_below: below, positions, positions_not_measured: unmeasured }: Forecast): string {
  const where = below === 0 ? "its own stock" : `its own stock and that of ${formatQuantity(below, "place")} in it`;
  const left = unmeasured === 0 ? "" : `; ${formatCount(unmeasured)} of them not measured yet, and not counted`;
  return `Counted: ${where} (${formatQuantity(positions, "position")}${left}).`;
}
