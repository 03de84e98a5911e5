import { formatAmount, formatPercent } from "../labels/quantities.ts";
import { formatAge } from "../labels/times.ts";
import { useGet } from "../panels/controls/use-load.ts";
import { currentTime } from "../state/clock.ts";
import { useStore } from "../state/store.ts";

/** What the vehicle tells is read again this often, milliseconds. */
const AGAIN_MS = 10_000;

/** What devices on the vehicle have told last of its driver and its engine, with how long ago; nothing where none tells. */
export function VehicleTelemetry({ vehicleId }: { vehicleId: number }) {
  const now = useStore(currentTime);
  const loaded = useGet(`/vehicles/${vehicleId}/telemetry`, Math.floor(now / AGAIN_MS));
  if (loaded === undefined) return null;
  if (loaded.problem !== null) return <p class="problem">What it tells could not be loaded: {loaded.problem}</p>;
  const { ignition, odometer_m: odometer, fuel_percent: fuel, engine_hours: hours, voltage, driver } = loaded.value;
  const parts = [
    { told: driver, text: driver && driverText(driver.value) },
    { told: ignition, text: ignition?.value ? "ignition on" : "ignition off" },
    { told: fuel, text: fuel && `fuel ${formatPercent(fuel.value)}` },
    { told: odometer, text: odometer && `odometer ${formatAmount(odometer.value / 1000)} km` },
    { told: hours, text: hours && `engine ${formatAmount(hours.value)} h` },
    { told: voltage, text: voltage && `${formatAmount(voltage.value)} V` },
  ].flatMap(({ told, text }) => (told === null ? [] : [{ text, age: formatAge(told.ts, now) }]));
  const ages = [...new Set(parts.map(({ age }) => age))];
  return (
    <ul aria-label="What the vehicle tells">
      {ages.map((age) => (
        <li key={age}>
          {parts.flatMap((part) => (part.age === age ? part.text : [])).join(" · ")} <span class="muted">{age}</span>
        </li>
      ))}
    </ul>
  );
}

/** Managers see the number of a card that is nobody's: they may give it to a driver. */
function driverText({ name, token }: { name: string; token?: string | null }): string {
  return `driven by ${name}${token ? ` (number ${token})` : ""}`;
}
