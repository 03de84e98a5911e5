import { type Assessment, highLevel, lowLevel } from "./condition.ts";
import { type AlertRule, concerns } from "./rule.ts";

/** One device as the rules see it. Times in epoch milliseconds. */
export interface AlertedDevice {
  id: string;
  isActive: boolean;
  locationId: number | null;
  vehicleId: number | null;
  intervalSeconds: number | null;
  /** null: never */
  lastReceivedAt: number | null;
  /** how long nothing was received, as far as is certain, milliseconds */
  silentMs: number;
  /** 0 to 1, of the newest reading that tells it, and the time of that */
  battery: { level: number; at: number; late: boolean } | null;
  /** receipt less measurement of its newest readings, the smallest, milliseconds: below zero, its clock is ahead */
  behindMs: number | null;
}

/** @returns undefined where the rule does not apply */
export function assessDevice(rule: AlertRule, device: AlertedDevice): Assessment | undefined {
  if (!device.isActive || !concerns(rule, device.locationId)) return undefined;
  switch (rule.type) {
    case "device_silent":
      return assessSilence(device, rule.params.missed_intervals);
    case "battery_low": {
      if (device.battery === null) return undefined;
      const { level, at, late } = device.battery;
      const { below, clear_margin } = rule.params;
      return { ...now(at, device), level: lowLevel(level, below, clear_margin), detail: { battery: level }, late };
    }
    case "clock_off": {
      if (device.behindMs === null) return undefined;
      const { above_seconds, clear_below_seconds, hold_seconds } = rule.params;
      const off = Math.abs(device.behindMs) / 1_000;
      return {
        ...now(device.lastReceivedAt ?? 0, device),
        level: highLevel(off, above_seconds, above_seconds - clear_below_seconds),
        holdMs: device.behindMs < 0 ? 0 : hold_seconds * 1_000,
        detail: { seconds: Math.round(off), direction: device.behindMs < 0 ? "ahead" : "behind" },
      };
    }
    default:
      return undefined;
  }
}

const now = (since: number, { lastReceivedAt }: AlertedDevice) => ({
  since,
  knownSince: lastReceivedAt ?? since,
  holdMs: 0,
  late: false,
});

/** A device is heard again with any message, so there is nothing between silent and not silent. */
function assessSilence(device: AlertedDevice, missedIntervals: number): Assessment | undefined {
  const { intervalSeconds, lastReceivedAt, silentMs } = device;
  if (intervalSeconds === null || lastReceivedAt === null) return undefined;
  const patienceMs = missedIntervals * intervalSeconds * 1_000;
  const isSilent = silentMs >= patienceMs;
  return {
    ...now(lastReceivedAt + patienceMs, device),
    level: isSilent ? "raised" : "clear",
    detail: { last_seen_at: new Date(lastReceivedAt).toISOString(), interval_s: intervalSeconds },
    ...(!isSilent && { raisedInMs: patienceMs - silentMs }),
  };
}
