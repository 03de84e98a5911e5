import type { ColdBox } from "../world/cold-box.ts";
import { createRandom } from "../world/random.ts";
import { type Device, rounded, type WireReading } from "./device.ts";

/** Often enough, also when history is sent with a fifth of the readings, to have two of them on each side of a crossing. */
const INTERVAL_MS = 30_000;

/** The temperature logger in a cold box. */
export function createLogger(box: ColdBox, { id, seed }: { id: string; seed: number }): Device {
  const random = createRandom(seed, `logger/${id}`);
  return {
    id,
    kind: "env",
    mount: { site: box.site },
    intervalMs: INTERVAL_MS,
    measure: (ts): WireReading | undefined =>
      box.isSilentAt(ts) ? undefined : { ts, celsius: rounded(box.celsiusAt(ts) + random.gaussian(0.02), 2) },
  };
}
