import { createRandom } from "../world/random.ts";
import type { Truck } from "../world/truck.ts";
import { type Device, rounded, type WireReading } from "./device.ts";
import type { FaultStats } from "./fault-stats.ts";
import type { Faults } from "./faults.ts";

const INTERVAL_MS = 250;
/** So often it reads the test tag that is fixed beside its antenna: what it does not read then is not there. */
const TEST_TAG_EVERY_MS = 10_000;
const SIGNAL_DBM = -50;
const VARIATION_DB = 2;

/** An RFID reader in a truck's box: it hears all that is aboard, from loading to unloading. */
export function createReader(
  truck: Truck,
  { id, seed, faults, faultStats }: { id: string; seed: number; faults: Faults; faultStats: FaultStats },
): Device {
  const random = createRandom(seed, `reader/${id}`);
  const testTag = `E280${random.integer(0, 0xffff_ffff).toString(16).padStart(20, "0").toUpperCase()}`;
  let testTagReadAt = -Infinity;
  return {
    id,
    kind: "rfid",
    mount: { truck: truck.name },
    intervalMs: INTERVAL_MS,
    readTags(ts): WireReading[] {
      const aboard = truck.tagsAboard.filter(({ since, until }) => since <= ts && ts < until);
      faultStats.asked += aboard.length;
      const answering = aboard.filter(() => random.chance(faults.readRate));
      faultStats.answered += answering.length;
      const isTestDue = ts - testTagReadAt >= TEST_TAG_EVERY_MS;
      if (isTestDue) testTagReadAt = ts;
      const epcs = [...answering.map(({ epc }) => epc), ...(isTestDue ? [testTag] : [])];
      return epcs.map((epc) => {
        return { ts, epc, antenna: 1, rssi: rounded(SIGNAL_DBM + random.gaussian(VARIATION_DB), 1) };
      });
    },
  };
}
