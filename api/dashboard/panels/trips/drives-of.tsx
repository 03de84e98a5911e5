import { formatAmount, formatCount, formatPercent, formatQuantity } from "../../labels/quantities.ts";
import { formatDateTime, formatDuration, formatUntil } from "../../labels/times.ts";
import { currentTime, timeZone } from "../../state/clock.ts";
import { useStore } from "../../state/store.ts";
import { useAll } from "../controls/use-load.ts";

const MINUTE_MS = 60_000;

const AGAIN_MS = 5 * MINUTE_MS;

/** A drive ends seldom, and of each all fixes are read: it is looked again each five minutes. */
export const useTurn = (): number => Math.floor(useStore(currentTime) / AGAIN_MS);

/** What a vehicle has driven in the last seven days, the last first. */
export function DrivesOf({ vehicleId, most = 10 }: { vehicleId: number; most?: number }) {
  const where = useStore(timeZone);
  const loaded = useAll(`/vehicles/${vehicleId}/drives`, useTurn());
  if (loaded === undefined) return null;
  if (loaded.problem !== null) return <p class="problem">The drives could not be loaded: {loaded.problem}</p>;
  if (loaded.value.length === 0) return <p class="empty">It has not driven in the last seven days.</p>;
  const file = `/vehicles/${vehicleId}/drives?format=csv`;
  return (
    <section aria-label="Drives">
      <UseOf vehicleId={vehicleId} lastDrive={loaded.value.at(-1)!.to} />
      <ul class="lines">
        {loaded.value
          .toReversed()
          .slice(0, most)
          .map(({ from, to, distance_m: metres, distance_source: source, driver_name: driver, ...drive }) => (
            <li key={to}>
              <span class="grow">
                {formatDateTime(from, where)} to {formatUntil(from, to, where)}
                {driver !== null && <span class="muted"> · {driver}</span>}
                {drive.top_speed_kmh !== null && (
                  <span class="muted"> · up to {formatAmount(drive.top_speed_kmh)} km/h</span>
                )}
                <Idled minutes={drive.idling_minutes} />
                <Harsh {...drive} />
              </span>
              <span class="number">
                {formatAmount(metres / 1000)} km <span class="muted">by {source}</span>
              </span>
            </li>
          ))}
      </ul>
      <p class="label-files">
        <a href={file} download={`drives-of-vehicle-${vehicleId}.csv`}>
          All drives of these days as CSV
        </a>
      </p>
    </section>
  );
}

/** How long the engine ran while the vehicle stood; nothing where it did not, or where nobody knows. */
export function Idled({ minutes }: { minutes: number | null }) {
  if (minutes === null || minutes === 0) return null;
  return <span class="muted"> · {formatDuration(minutes * MINUTE_MS)} idling</span>;
}

/** What the vehicle did in the last seven days, in numbers: they are summed up anew when a drive has ended. */
function UseOf({ vehicleId, lastDrive }: { vehicleId: number; lastDrive: string }) {
  const loaded = useAll(`/analytics/vehicles?vehicle_id=${vehicleId}`, lastDrive);
  const use = loaded?.value?.[0];
  if (use === undefined) return null;
  const { idling_hours: idling, fuel_used_percent: fuel, stopped_hours: stopped } = use;
  const parts = [
    `${formatQuantity(use.trips, "trip")} planned`,
    formatQuantity(use.drives, "drive"),
    `${formatAmount(use.distance_km)} km in ${formatAmount(use.driving_hours)} h`,
    `${formatQuantity(use.stops, "stop")} of ${formatAmount(stopped)} h`,
    ...(idling === null ? [] : [`${formatAmount(idling)} h idling`]),
    ...(fuel === null ? [] : [`${formatPercent(fuel)} of a tank used`]),
  ];
  return <p>In the last seven days: {parts.join(" · ")}</p>;
}

type Manoeuvres = Record<"harsh_braking" | "harsh_acceleration" | "harsh_cornering", number>;

/** What was done harshly; nothing where nothing was. */
function Harsh({ harsh_braking: braking, harsh_acceleration: acceleration, harsh_cornering: cornering }: Manoeuvres) {
  const told = (
    [
      [braking, "braking"],
      [acceleration, "acceleration"],
      [cornering, "cornering"],
    ] as const
  ).flatMap(([times, what]) => (times === 0 ? [] : [`${formatCount(times)} × harsh ${what}`]));
  return told.length === 0 ? null : <span class="harsh"> · {told.join(", ")}</span>;
}
