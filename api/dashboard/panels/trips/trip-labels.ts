import { formatCount } from "../../labels/quantities.ts";
import { formatAge, formatDuration, formatHoursMinutes, type TimeZone } from "../../labels/times.ts";
import type { Trip, TripStop } from "../../state/resources.ts";

export const TRIP_STATUS_LABELS: Record<Trip["status"], string> = {
  planned: "Planned",
  under_way: "Under way",
  completed: "Completed",
  cancelled: "Cancelled",
};

/** What is to be said of a stop, and how much it matters; `late` and `warn` are coloured too. */
export interface StopLabel {
  text: string;
  level: "late" | "early" | "warn" | "good" | "plain";
}

const MINUTE_MS = 60_000;

/** "12 min late", "skipped", "at the stop since 08:10". @param now epoch milliseconds */
export function stopLabel(stop: TripStop, { status }: Pick<Trip, "status">, now: number, zone: TimeZone): StopLabel {
  if (status === "cancelled") return { text: "cancelled", level: "plain" };
  if (stop.state === "skipped") return { text: "skipped", level: "warn" };
  if (stop.state === "unseen") return { text: "cannot be seen: no geofence", level: "plain" };
  if (stop.state === "expected") return expectedLabel(stop, now);
  const { deviation_minutes: minutes } = stop;
  if (minutes !== null && minutes > 0) return { text: `${minutesText(minutes)} late`, level: "late" };
  if (minutes !== null && minutes < 0) return { text: `${minutesText(-minutes)} early`, level: "early" };
  if (stop.state === "passed") return { text: "drove through", level: "warn" };
  if (minutes === 0) return { text: "on time", level: "good" };
  const overdue = now - Date.parse(stop.window.to);
  if (stop.sequence === 1 && overdue > 0) return { text: `${formatDuration(overdue)} overdue to leave`, level: "late" };
  return stop.arrived_at === null
    ? { text: "at the stop", level: "good" }
    : { text: `at the stop since ${formatHoursMinutes(stop.arrived_at, zone)}`, level: "good" };
}

function expectedLabel({ window, eta }: TripStop, now: number): StopLabel {
  const overdue = now - Date.parse(window.to);
  if (overdue >= MINUTE_MS) return { text: `${formatDuration(overdue)} overdue`, level: "late" };
  const p50 = eta?.p50 ?? null;
  const lateMinutes = p50 === null ? 0 : Math.floor((Date.parse(p50) - Date.parse(window.to)) / MINUTE_MS);
  if (lateMinutes > 0) return { text: `expected ${minutesText(lateMinutes)} late`, level: "late" };
  return { text: "expected", level: "plain" };
}

/** "12 min", "2 h 5 min" */
export function minutesText(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** "08:00–08:30" */
export const windowText = ({ window }: TripStop, zone: TimeZone): string =>
  `${formatHoursMinutes(window.from, zone)}–${formatHoursMinutes(window.to, zone)}`;

/** When the vehicle was there: "08:04–08:31", "since 08:04". */
export function actualText(
  { state, arrived_at: arrived, departed_at: departed }: TripStop,
  zone: TimeZone,
): string | null {
  if (state === "passed" && arrived !== null) return `through at ${formatHoursMinutes(arrived, zone)}`;
  if (departed !== null) {
    const from = arrived === null ? "until " : `${formatHoursMinutes(arrived, zone)}–`;
    return `${from}${formatHoursMinutes(departed, zone)}`;
  }
  return arrived === null ? null : `since ${formatHoursMinutes(arrived, zone)}`;
}

/** The worst of a trip in words: "3 of 5 stops · 12 min late · 1 skipped". */
export function tripSummary(trip: Trip, now: number, zone: TimeZone): StopLabel[] {
  const { stops, status } = trip;
  const done = stops.filter(({ state }) => state === "left" || state === "passed" || state === "there").length;
  const words = stops.map((stop) => stopLabel(stop, trip, now, zone));
  const reached = stops.findLastIndex((stop, at) => words[at]!.level === "late" || stop.deviation_minutes !== null);
  const skipped = stops.filter(({ state }) => state === "skipped").length;
  const isOver = status === "completed" || status === "cancelled";
  const overdue = isOver
    ? undefined
    : words.find(({ level }, at) => level === "late" && stops[at]!.state === "expected");
  const last = reached < 0 ? undefined : words[reached];
  return [
    { text: `${formatCount(done)} of ${formatCount(stops.length)} stops`, level: "plain" },
    ...[overdue ?? last].filter((word) => word !== undefined && status !== "cancelled").map((word) => word!),
    ...(skipped > 0 ? [{ text: `${formatCount(skipped)} skipped`, level: "warn" } as const] : []),
    ...(trip.unplanned_stops.length > 0
      ? [{ text: `${formatCount(trip.unplanned_stops.length)} unplanned`, level: "warn" } as const]
      : []),
  ];
}

const BASES: Record<NonNullable<TripStop["eta"]>["basis"], string> = {
  lane_history: "by history",
  vehicle_speed: "by its speed",
  default: "a guess",
  arrived: "it is there",
  unknown: "",
};

/** "expected 14:20, by 14:40 nine of ten (by history, 2 min ago)"; null: nothing is known. */
export function expectedText({ eta }: TripStop, now: number, zone: TimeZone): string | null {
  if (eta === null || eta.p50 === null || eta.p90 === null) return null;
  const [p50, p90] = [eta.p50, eta.p90].map((at) => formatHoursMinutes(at, zone));
  return `expected ${p50}, nine of ten by ${p90} (${BASES[eta.basis]}, position of ${formatAge(eta.position_at, now)})`;
}
