import type { Zone } from "../state/clock.ts";

/** "4 s", "12 min", "3 h", "5 d": how long something lasted, in the largest unit that fits. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** How old the stamp is at `now` (epoch ms); "never" when there is none. */
export function age(iso: string | null, now: number): string {
  if (iso === null) return "never";
  const ms = now - Date.parse(iso);
  return ms < 1500 ? "now" : `${span(ms)} ago`;
}

function parts(at: number | string, zone: Zone, options: Intl.DateTimeFormatOptions): string {
  const where = zone === "utc" ? { timeZone: "UTC" } : {};
  return new Intl.DateTimeFormat("en-GB", { hourCycle: "h23", ...where, ...options }).format(new Date(at));
}

/** "14:05" */
export function hoursMinutes(at: number | string, zone: Zone): string {
  return parts(at, zone, { hour: "2-digit", minute: "2-digit" });
}

/** "14:05:09" */
export function clockTime(at: number | string, zone: Zone): string {
  return parts(at, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** "21 Nov, 14:05" */
export function dayAndTime(at: number | string, zone: Zone): string {
  return parts(at, zone, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}
