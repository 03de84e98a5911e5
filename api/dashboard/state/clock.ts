import { createStore } from "./store.ts";

// Ages compare the server's stamps with the server's time: a laptop whose clock is wrong must not show wrong ages.
let serverAheadMs = 0;

/** Called with each `hello` of the stream. */
export function serverTimeIs(iso: string): void {
  const serverNow = Date.parse(iso);
  if (Number.isFinite(serverNow)) serverAheadMs = serverNow - Date.now();
}

/** Epoch milliseconds by the server's clock. */
export function serverNow(): number {
  return Date.now() + serverAheadMs;
}

/** Replaced once a second, so that ages on the page grow. */
export const second = createStore(serverNow());

export function startClock(): () => void {
  const timer = setInterval(() => second.set(serverNow()), 1000);
  return () => clearInterval(timer);
}

export type Zone = "utc" | "local";
const ZONE_KEY = "waystock.zone";
export const zone = createStore<Zone>(localStorage.getItem(ZONE_KEY) === "local" ? "local" : "utc");

export function switchZone(): void {
  const next: Zone = zone.get() === "utc" ? "local" : "utc";
  localStorage.setItem(ZONE_KEY, next);
  zone.set(next);
}
