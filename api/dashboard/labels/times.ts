import type { TimeZone } from "../state/clock.ts";

/** "4 s", "12 min", "3 h", "5 d": a duration in the largest unit that fits. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** Age of a timestamp at `now` (epoch milliseconds): "12 min ago"; "never" for null. */
export function formatAge(iso: string | null, now: number): string {
  if (iso === null) return "never";
  const ms = now - Date.parse(iso);
  return ms < 1500 ? "now" : `${formatDuration(ms)} ago`;
}

function format(at: number | string, zone: TimeZone, options: Intl.DateTimeFormatOptions): string {
  const where = zone === "utc" ? { timeZone: "UTC" } : {};
  return new Intl.DateTimeFormat("en-GB", { hourCycle: "h23", ...where, ...options }).format(new Date(at));
}

/** "14:05" */
export function formatHoursMinutes(at: number | string, zone: TimeZone): string {
  return format(at, zone, { hour: "2-digit", minute: "2-digit" });
}

/** "14:05:09" */
export function formatTime(at: number | string, zone: TimeZone): string {
  return format(at, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** "21 Nov, 14:05" */
export function formatDateTime(at: number | string, zone: TimeZone): string {
  return format(at, zone, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}
