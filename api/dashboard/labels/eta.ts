import type { Shipment } from "../state/resources.ts";
import { formatDateTime, formatDuration, formatHoursMinutes, type TimeZone } from "./times.ts";

export type Kept = NonNullable<Shipment["promise"]>;

export const PROMISE_LABELS: Record<Kept, string> = {
  late: "late",
  at_risk: "at risk",
  on_time: "on time",
  unknown: "not known",
};

const DAY_MS = 86_400_000;

/** "14:20", and the day when it is not within half a day. @param now epoch milliseconds */
function formatNear(iso: string, now: number, zone: TimeZone): string {
  return Math.abs(Date.parse(iso) - now) < DAY_MS / 2 ? formatHoursMinutes(iso, zone) : formatDateTime(iso, zone);
}

/** A duration as people say it of a promise: "25 min", "1 h 20 min", "2 d". */
function formatMargin(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0 || hours >= 48) return formatDuration(Math.abs(ms));
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** "arrives 14:20, 25 min late": the estimate against the promise; null: nothing was promised, and nothing is known. */
export function etaText({ eta, due_at: due, promise }: Shipment, now: number, zone: TimeZone): string | null {
  const isOverdue = due !== null && promise !== null && Date.parse(due) < now;
  const { p50 = null, basis } = eta ?? {};
  if (p50 === null) {
    if (due === null || promise === null) return null;
    return isOverdue ? `due ${formatMargin(now - Date.parse(due))} ago` : `due ${formatNear(due, now, zone)}`;
  }
  const arrives = basis?.kind === "arrived" ? "is there" : `arrives ${formatNear(p50, now, zone)}`;
  if (due === null) return arrives;
  // It is there, and not delivered: the promise runs on.
  const expectedMs = basis?.kind === "arrived" ? Math.max(now, Date.parse(p50)) : Date.parse(p50);
  const overMs = expectedMs - Date.parse(due);
  if (Math.abs(overMs) < 60_000) return `${arrives}, just in time`;
  return `${arrives}, ${formatMargin(overMs)} ${overMs > 0 ? "late" : "early"}`;
}

/** "expected 21 Nov, 14:05", "expected 3 days ago": of goods that should have come by now. @param now epoch milliseconds */
export function expectedText(iso: string, now: number, zone: TimeZone): string {
  const lateMs = now - Date.parse(iso);
  if (lateMs <= 0) return `expected ${formatNear(iso, now, zone)}`;
  const days = Math.floor(lateMs / DAY_MS);
  if (days === 0) return `expected ${formatDuration(lateMs)} ago`;
  return `expected ${days === 1 ? "1 day" : `${days} days`} ago`;
}
