import { formatAmount, formatPercent } from "../labels/quantities.ts";
import { formatAge } from "../labels/times.ts";
import { useGet } from "../panels/controls/use-load.ts";
import { currentTime } from "../state/clock.ts";
import { useStore } from "../state/store.ts";

/** What the vehicle tells is read again this often, milliseconds. */
const AGAIN_MS = 10_000;

/** What devices on the vehicle have told last of its engine and its driver, each with its age; nothing where none tells. */
export function VehicleTelemetry({ vehicleId }: { vehicleId: number }) {
  const now = useStore(currentTime);
  const loaded = useGet(`/vehicles/${vehicleId}/telemetry`, Math.floor(now / AGAIN_MS));
  if (loaded === undefined) return null;
  if (loaded.problem !== null) return <p class="problem">What it tells could not be loaded: {loaded.problem}</p>;
  const { ignition, odometer_m: odometer, fuel_percent: fuel, engine_hours: hours, voltage, driver } = loaded.value;
  const lines = [
    { label: "Driver", told: driver, text: driver?.value.name },
    { label: "Ignition", told: ignition, text: ignition?.value ? "on" : "off" },
    { label: "Fuel", told: fuel, text: fuel && `${formatPercent(fuel.value)} of a tank` },
    { label: "Odometer", told: odometer, text: odometer && `${formatAmount(odometer.value / 1000)} km` },
    { label: "Engine", told: hours, text: hours && `${formatAmount(hours.value)} h` },
    { label: "Battery", told: voltage, text: voltage && `${formatAmount(voltage.value)} V` },
  ].filter(({ told }) => told !== null);
  if (lines.length === 0) return null;
  return (
    <ul class="lines" aria-label="What the vehicle tells">
      {lines.map(({ label, told, text }) => (
        <li key={label}>
          <span class="grow">
            {label} <span class="muted">{told && formatAge(told.ts, now)}</span>
          </span>
          <span class="number">{text}</span>
        </li>
      ))}
    </ul>
  );
}
