import type { Device } from "./schema.ts";

/** A device's connection and its newest messages. */
export interface PresenceInput {
  /** whether a broker has it connected; null: no live broker knows it */
  connected: boolean | null;
  /** when it connected, or disconnected */
  connection_since: Date | null;
  last_seen_at: Date | null;
  /** usual time between its readings, seconds */
  interval_s: number | null;
  /** its newest reading of each kind, its status report included */
  latest: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** After this many intervals without a message a device counts as silent. */
const MISSED_INTERVALS = 3;
const DEFAULT_INTERVAL_S = 60;
/** The broker receives a device's will up to this long after the connection ended. */
const WILL_DELAY_MS = 2000;

/**
 * Decides whether a device is online. A connected device that is silent for three of its intervals is `unknown`. For
 * devices that no broker here knows (HTTP, an external broker) their status report and their readings decide.
 */
export function presenceOf(device: PresenceInput, nowMs: number): Device["presence"] {
  const { latest, last_seen_at, interval_s, connected, connection_since } = device;
  const seenMs = last_seen_at?.getTime() ?? Number.NEGATIVE_INFINITY;
  const sinceMs = connection_since?.getTime() ?? Number.NEGATIVE_INFINITY;
  const silenceMs = MISSED_INTERVALS * (interval_s ?? DEFAULT_INTERVAL_S) * 1000;
  // A message of the future was received before the clock was set back.
  const seenRecently = Math.abs(nowMs - seenMs) < silenceMs;
  if (connected === true) {
    return interval_s === null || Math.abs(nowMs - Math.max(seenMs, sinceMs)) < silenceMs ? "online" : "unknown";
  }
  if (connected === false) return seenMs > sinceMs + WILL_DELAY_MS && seenRecently ? "online" : "offline";
  const reported = latest.status?.state;
  if (reported === "offline") return "offline";
  if (last_seen_at === null) return reported === "online" ? "online" : "unknown";
  return seenRecently ? "online" : "unknown";
}
