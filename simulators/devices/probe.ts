import type { Climate } from "../world/climate.ts";
import { createRandom } from "../world/random.ts";
import { type Device, rounded, type WireReading } from "./device.ts";

/** A temperature and humidity probe with a battery that lasts half a year. */
export function createProbe(
  climate: Climate,
  { id, seed, intervalMs, startMs }: { id: string; seed: number; intervalMs: number; startMs: number },
): Device {
  const random = createRandom(seed, `probe/${id}`);
  const charge = random.between(0.5, 1);
  const lifeMs = 180 * 86_400_000;
  return {
    id,
    kind: "env",
    mount: climate.inTruck ? { truck: climate.place } : { site: climate.place },
    intervalMs,
    measure: (ts): WireReading => ({
      ts,
      celsius: rounded(climate.celsius + random.gaussian(0.05), 2),
      humidity: rounded(climate.humidity, 3),
      battery: rounded(Math.max(0.05, charge - (ts - startMs) / lifeMs), 3),
    }),
  };
}
