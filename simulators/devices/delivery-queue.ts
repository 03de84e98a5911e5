import type { Random } from "../world/random.ts";
import type { Kind } from "../../broker/contract/readings.ts";
import type { Befallen } from "./fault-stats.ts";
import type { WireReading } from "./device.ts";
import type { Faults } from "./faults.ts";

export interface Parcel {
  deviceId: string;
  kind: Kind;
  reading: WireReading;
}

/** One that leaves now, with the simulated time at which it was meant to (epoch milliseconds). */
export interface Departure extends Parcel {
  leavesAt: number;
}

/** Readings on their way from sensor to modem, where the faults of the road happen to them. */
export interface Outbox {
  put(parcel: Parcel): void;
  /** What leaves by `now`, in the order it leaves. */
  take(now: number): Departure[];
}

interface Held {
  at: number;
  parcel: Parcel;
}

const LATE_MS: readonly [number, number] = [40_000, 120_000];
/** One that is overtaken leaves right behind the next of its device, or after this long when there is none. */
const OVERTAKEN_MS = 20_000;

/** @param befallen counts what happens to them */
export function createOutbox(faults: Faults, random: Random, befallen: Befallen): Outbox {
  const skews = new Map<string, number>();
  let held: Held[] = [];
  const overtaken = new Map<string, Held>();
  const skewOf = (deviceId: string): number => {
    const skew = skews.get(deviceId) ?? Math.round(random.between(-1, 1) * faults.clockSkewMs);
    skews.set(deviceId, skew);
    befallen.skewMs = Math.max(befallen.skewMs, Math.abs(skew));
    return skew;
  };
  return {
    put(parcel) {
      befallen.readings += 1;
      if (random.chance(faults.drop)) {
        befallen.dropped += 1;
        return;
      }
      const { ts } = parcel.reading;
      const lateMs = random.chance(faults.late) ? random.between(...LATE_MS) : 0;
      if (lateMs > 0) befallen.late += 1;
      const at = ts + lateMs;
      const sent = { ...parcel, reading: { ...parcel.reading, ts: ts + skewOf(parcel.deviceId) } };
      const key = `${parcel.deviceId}/${parcel.kind}`;
      const waiting = overtaken.get(key);
      if (waiting) {
        waiting.at = Math.min(waiting.at, ts + 1);
        overtaken.delete(key);
      }
      const one = { at, parcel: sent };
      if (random.chance(faults.reorder) && lateMs === 0) {
        befallen.overtaken += 1;
        one.at += OVERTAKEN_MS;
        overtaken.set(key, one);
      }
      held.push(one);
      if (random.chance(faults.dup)) {
        befallen.twice += 1;
        held.push({ at: at + random.between(0, 5_000), parcel: sent });
      }
    },
    take(now) {
      const leaving = held.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      held = held.filter(({ at }) => at > now);
      return leaving.map(({ at, parcel }) => ({ ...parcel, leavesAt: at }));
    },
  };
}
