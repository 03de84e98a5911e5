import { createRandom, type Random } from "../world/random.ts";
import type { Befallen } from "./fault-stats.ts";
import { type Device, rounded, type WireReading } from "./device.ts";
import type { Faults } from "./faults.ts";

/** A dock portal: antenna 1 looks into the hall, antenna 2 out to the trucks. */
export const GATE_ANTENNAS = { "1": "inside", "2": "outside" } as const;

/** A pallet is in the field for so long, and asked for so often, milliseconds. */
const PASSAGE_MS = 4_000;
const INQUIRY_MS = 200;
/** Signal at the antenna's centre and how it falls off, dBm. */
const PEAK_DBM = -44;
const FALL_DBM = 50;
/** Weaker than this a tag does not answer at all, dBm. */
const FLOOR_DBM = -74;
const STRAY_DBM = -71;

export interface Gate extends Device {
  site: string;
  /** The reads of one tag that is carried through, beginning at `at`; blinking, as passive tags do. */
  passage(epc: string, direction: "in" | "out", at: number): WireReading[];
  /** What leaks in of a tag that is carried through the next gate meanwhile: weak, and on either antenna. */
  overhear(epc: string, at: number): WireReading[];
}

export function createGate({
  id,
  site,
  seed,
  faults,
  befallen,
}: {
  id: string;
  site: string;
  seed: number;
  faults: Faults;
  befallen: Befallen;
}): Gate {
  const random = createRandom(seed, `gate/${id}`);
  let strayEpc: string | undefined;
  const strayDbm = () => rounded(STRAY_DBM + random.gaussian(2), 1);
  return {
    id,
    site,
    kind: "rfid",
    mount: { site, antennas: GATE_ANTENNAS },
    intervalMs: undefined,
    passage(epc, direction, at) {
      const reads: WireReading[] = [];
      for (let passed = 0; passed < PASSAGE_MS; passed += INQUIRY_MS) {
        const ts = Math.round(at + passed + random.between(0, INQUIRY_MS / 4));
        for (const antenna of [1, 2]) {
          const read = inquiry(
            epc,
            antenna,
            ts,
            signal(antenna, direction, passed / PASSAGE_MS),
            random,
            faults,
            befallen,
          );
          if (read) reads.push(read);
        }
        // One that stands about outside leaks in: weak, and on the antenna that looks out.
        if (strayEpc !== undefined && strayEpc !== epc && random.chance(faults.strayTags)) {
          befallen.strays += 1;
          reads.push({ ts: ts + 1, epc: strayEpc, antenna: 2, rssi: strayDbm() });
        }
      }
      strayEpc = epc;
      return reads.sort((a, b) => a.ts - b.ts);
    },
    overhear(epc, at) {
      const reads: WireReading[] = [];
      for (let passed = 0; passed < PASSAGE_MS; passed += INQUIRY_MS) {
        if (!random.chance(faults.strayTags)) continue;
        befallen.strays += 1;
        reads.push({ ts: Math.round(at + passed), epc, antenna: random.integer(1, 2), rssi: strayDbm() });
      }
      return reads;
    },
  };
}

/** Each antenna is strongest when the tag passes it: the first at a quarter of the way, the second at three. */
function signal(antenna: number, direction: "in" | "out", share: number): number {
  const first = direction === "out" ? 1 : 2;
  const peak = antenna === first ? 0.25 : 0.75;
  return PEAK_DBM - FALL_DBM * Math.abs(share - peak) * 2;
}

function inquiry(
  epc: string,
  antenna: number,
  ts: number,
  dbm: number,
  random: Random,
  faults: Faults,
  befallen: Befallen,
): WireReading | undefined {
  const rssi = dbm + random.gaussian(2);
  if (rssi < FLOOR_DBM) return undefined;
  befallen.asked += 1;
  if (!random.chance(faults.readRate)) return undefined;
  befallen.answered += 1;
  return { ts, epc, antenna, rssi: rounded(rssi, 1) };
}
