import type { Random } from "../world/random.ts";
import type { Kind } from "../../broker/contract/readings.ts";
import type { FaultStats } from "./fault-stats.ts";
import type { WireReading } from "./device.ts";
import type { Faults } from "./faults.ts";

export interface OutgoingReading {
  deviceId: string;
  kind: Kind;
  reading: WireReading;
}

/** A reading to send now, with the simulated time at which it was due (epoch milliseconds). */
export interface DueReading extends OutgoingReading {
  dueAt: number;
}

/** Queue between sensor and modem. It drops, delays, duplicates and reorders readings (`Faults`). */
export interface DeliveryQueue {
  enqueue(outgoing: OutgoingReading): void;
  /** Removes and returns the readings due by `now`, in order of their due time. */
  dequeueDue(now: number): DueReading[];
}

interface Scheduled {
  at: number;
  outgoing: OutgoingReading;
}

const LATE_MS: readonly [number, number] = [40_000, 120_000];
/** An overtaken reading is sent right after the next one of its device, or after this time when there is none. */
const MAX_OVERTAKEN_MS = 20_000;

/**
 * @param faultStats counts the injected faults
 * @param clockErrors of devices whose clock is wrong by more than the faults make it, milliseconds
 */
export function createDeliveryQueue(
  faults: Faults,
  random: Random,
  faultStats: FaultStats,
  clockErrors: ReadonlyMap<string, number> = new Map(),
): DeliveryQueue {
  const skews = new Map<string, number>();
  let scheduled: Scheduled[] = [];
  const overtaken = new Map<string, Scheduled>();
  const skewOf = (deviceId: string): number => {
    const skew =
      skews.get(deviceId) ?? Math.round(random.between(-1, 1) * faults.clockSkewMs) + (clockErrors.get(deviceId) ?? 0);
    skews.set(deviceId, skew);
    faultStats.skewMs = Math.max(faultStats.skewMs, Math.abs(skew));
    return skew;
  };
  return {
    enqueue(outgoing) {
      faultStats.readings += 1;
      // A scanner keeps what was not acknowledged: a scan may come late, but it comes.
      if (random.chance(faults.drop) && outgoing.kind !== "scan") {
        faultStats.dropped += 1;
        return;
      }
      const { ts } = outgoing.reading;
      const lateMs = random.chance(faults.late) ? random.between(...LATE_MS) : 0;
      if (lateMs > 0) faultStats.late += 1;
      const at = ts + lateMs;
      const sent = { ...outgoing, reading: { ...outgoing.reading, ts: ts + skewOf(outgoing.deviceId) } };
      const key = `${outgoing.deviceId}/${outgoing.kind}`;
      const waiting = overtaken.get(key);
      if (waiting) {
        waiting.at = Math.min(waiting.at, ts + 1);
        overtaken.delete(key);
      }
      const one = { at, outgoing: sent };
      if (random.chance(faults.reorder) && lateMs === 0) {
        faultStats.overtaken += 1;
        one.at += MAX_OVERTAKEN_MS;
        overtaken.set(key, one);
      }
      scheduled.push(one);
      if (random.chance(faults.dup)) {
        faultStats.twice += 1;
        scheduled.push({ at: at + random.between(0, 5_000), outgoing: sent });
      }
    },
    dequeueDue(now) {
      const leaving = scheduled.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      scheduled = scheduled.filter(({ at }) => at > now);
      return leaving.map(({ at, outgoing }) => ({ ...outgoing, dueAt: at }));
    },
  };
}
