import type { TimeZone } from "../labels/times.ts";
import { createStore } from "./store.ts";

// Ages are computed with the server's clock: the clock of the viewer's computer may be wrong.
let serverAheadMs = 0;

/** Called with the time in each `hello` event of the stream (ISO 8601). */
export function setServerTime(iso: string): void {
  const serverNow = Date.parse(iso);
  if (Number.isFinite(serverNow)) serverAheadMs = serverNow - Date.now();
}

/** Epoch milliseconds by the server's clock. */
export function serverNow(): number {
  return Date.now() + serverAheadMs;
}

/** The server's time, epoch milliseconds; updated once a second, so that ages on the page grow. */
export const currentTime = createStore(serverNow());

export function startClock(): () => void {
  const timer = setInterval(() => currentTime.set(serverNow()), 1000);
  return () => clearInterval(timer);
}

const TIME_ZONE_KEY = "waystock.zone";
export const timeZone = createStore<TimeZone>(localStorage.getItem(TIME_ZONE_KEY) === "local" ? "local" : "utc");

export function toggleTimeZone(): void {
  const next: TimeZone = timeZone.get() === "utc" ? "local" : "utc";
  localStorage.setItem(TIME_ZONE_KEY, next);
  timeZone.set(next);
}
