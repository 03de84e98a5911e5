/** Which clock the times of the page are shown by. */
export type TimeZone = "utc" | "local";

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

/** "14:05:09"; "21 Nov, 14:05" of another day than `since` */
export function formatUntil(since: number | string, at: number | string, zone: TimeZone): string {
  return formatDate(since, zone) === formatDate(at, zone) ? formatTime(at, zone) : formatDateTime(at, zone);
}

/** "21 November 2026" */
export function formatDate(at: number | string, zone: TimeZone): string {
  return format(at, zone, { day: "numeric", month: "long", year: "numeric" });
}

/** What a field for a date and time holds, as ISO 8601 in UTC. The field has no time zone: it is that of the times this page shows. */
export function instantOf(text: string, zone: TimeZone): string {
  return new Date(zone === "utc" ? `${text}Z` : text).toISOString();
}

/** The inverse of `instantOf`, to the minute. */
export function localTextOf(iso: string, zone: TimeZone): string {
  const at = new Date(iso);
  const shown = zone === "utc" ? at : new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shown.toISOString().slice(0, 16);
}
