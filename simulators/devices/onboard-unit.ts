import { createRandom } from "../world/random.ts";
import type { Truck } from "../world/truck.ts";
import { type Device, rounded, type WireReading } from "./device.ts";

const INTERVAL_MS = 15_000;
/** A truck with 400 litres uses about 27 litres for 100 km. */
const TANKS_PER_KM = 27 / 100 / 400;
/** At less than this it is filled up, part of a tank. */
const RESERVE = 0.15;

/** What a truck's own electronics tell: ignition, odometer, fuel, engine hours, voltage, and whose card is in the reader. */
export function createOnboardUnit(
  truck: Truck,
  { id, seed, card }: { id: string; seed: number; card: string },
): Device {
  const random = createRandom(seed, `onboard-unit/${id}`);
  let odometerM = random.between(40_000, 400_000) * 1_000;
  let fuel = random.between(0.3, 0.95);
  let engineHours = odometerM / 1_000 / 60;
  let last: { ts: number; speedMps: number } | undefined;
  return {
    id,
    kind: "vehicle",
    mount: { truck: truck.name },
    intervalMs: INTERVAL_MS,
    measure(ts): WireReading {
      const speedMps = truck.dockedUntil === null && ts >= truck.haltedUntil ? truck.speedMps : 0;
      // At a dock the engine is off; at a traffic light it idles.
      const ignition = truck.dockedUntil === null;
      if (last !== undefined) {
        const seconds = (ts - last.ts) / 1_000;
        const drivenM = ((speedMps + last.speedMps) / 2) * seconds;
        odometerM += drivenM;
        fuel -= (drivenM / 1_000) * TANKS_PER_KM;
        if (ignition) engineHours += seconds / 3_600;
      }
      if (fuel < RESERVE && !ignition) fuel = 0.98;
      last = { ts, speedMps };
      return {
        ...{ ts, ignition, odometer: Math.round(odometerM), fuel: rounded(Math.max(0, fuel), 4) },
        ...{ engine_hours: rounded(engineHours, 2), voltage: rounded(ignition ? 27.6 : 24.8, 1), driver: card },
      };
    },
  };
}
