import { offset } from "../world/geometry.ts";
import { createRandom } from "../world/random.ts";
import { poseOf, type Truck } from "../world/truck.ts";
import type { FaultStats } from "./fault-stats.ts";
import { type Device, rounded, type WireReading } from "./device.ts";
import type { Faults } from "./faults.ts";

/** A GPS tracker on a truck. Its error changes slowly, as with multipath, and is not white noise. */
export function createTracker(
  truck: Truck,
  {
    id,
    seed,
    faults,
    intervalMs,
    worldNow,
    faultStats,
  }: { id: string; seed: number; faults: Faults; intervalMs: number; worldNow: () => number; faultStats: FaultStats },
): Device {
  const random = createRandom(seed, `tracker/${id}`);
  const memory = 0.9;
  let east = random.gaussian(faults.gpsNoiseM);
  let north = random.gaussian(faults.gpsNoiseM);
  let last: { lat: number; lon: number } | undefined;
  return {
    id,
    kind: "gps",
    mount: { truck: truck.name },
    intervalMs,
    measure(ts): WireReading {
      // First-order Gauss–Markov process: its standard deviation stays at `gpsNoiseM`.
      const fresh = faults.gpsNoiseM * Math.sqrt(1 - memory ** 2);
      east = memory * east + random.gaussian(fresh);
      north = memory * north + random.gaussian(fresh);
      const pose = poseOf(truck, Math.max(0, ts - worldNow()));
      faultStats.fixes += 1;
      // Without satellites some trackers repeat the last position with all other fields zero.
      if (last && random.chance(faults.noFix)) {
        faultStats.noFix += 1;
        return { ts, ...last, speed: 0, heading: 0, satellites: 0 };
      }
      faultStats.squaredErrorM2 += east ** 2 + north ** 2;
      const seen = offset(pose, east, north);
      last = { lat: rounded(seen.lat, 6), lon: rounded(seen.lon, 6) };
      return {
        ts,
        ...last,
        accuracy: rounded(Math.max(2, faults.gpsNoiseM * random.between(0.8, 1.4)), 1),
        speed: rounded(truck.dockedUntil === null ? truck.speedMps : 0, 1),
        heading: rounded(pose.heading, 0) % 360,
        satellites: random.integer(7, 14),
      };
    },
  };
}
