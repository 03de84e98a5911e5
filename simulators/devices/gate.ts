import { createRandom, type Random } from "../world/random.ts";
import type { FaultStats } from "./fault-stats.ts";
import { type Device, rounded, type WireReading } from "./device.ts";
import type { Faults } from "./faults.ts";

/** A dock portal: antenna 1 faces the hall, antenna 2 faces the trucks. */
export const GATE_ANTENNAS = { "1": "inside", "2": "outside" } as const;

/** Time a pallet is in the field, and time between two inventory rounds, milliseconds. */
const PASSAGE_MS = 4_000;
const INVENTORY_ROUND_MS = 200;
/** Signal at the antenna's centre, dBm, and its loss from the centre to the edge of the field, dB. */
const PEAK_DBM = -44;
const FALLOFF_DBM = 50;
/** Below this signal a tag is not read, dBm. */
const SENSITIVITY_DBM = -74;
const STRAY_DBM = -71;

export interface Gate extends Device {
  site: string;
  /** The reads of a tag carried through from `at` on. Some rounds are missed, as with real passive tags. */
  readPassage(epc: string, direction: "in" | "out", at: number): WireReading[];
  /** Cross-reads of a tag carried through a neighbouring gate: weak, on either antenna. */
  crossReads(epc: string, at: number): WireReading[];
}

export function createGate({
  id,
  site,
  seed,
  faults,
  faultStats,
}: {
  id: string;
  site: string;
  seed: number;
  faults: Faults;
  faultStats: FaultStats;
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
    readPassage(epc, direction, at) {
      const reads: WireReading[] = [];
      for (let passed = 0; passed < PASSAGE_MS; passed += INVENTORY_ROUND_MS) {
        const ts = Math.round(at + passed + random.between(0, INVENTORY_ROUND_MS / 4));
        for (const antenna of [1, 2]) {
          const read = inventoryRound(
            epc,
            antenna,
            ts,
            signal(antenna, direction, passed / PASSAGE_MS),
            random,
            faults,
            faultStats,
          );
          if (read) reads.push(read);
        }
        // The previous pallet still stands outside: its tag is read weakly by the outer antenna.
        if (strayEpc !== undefined && strayEpc !== epc && random.chance(faults.strayTags)) {
          faultStats.strays += 1;
          reads.push({ ts: ts + 1, epc: strayEpc, antenna: 2, rssi: strayDbm() });
        }
      }
      strayEpc = epc;
      return reads.sort((a, b) => a.ts - b.ts);
    },
    crossReads(epc, at) {
      const reads: WireReading[] = [];
      for (let passed = 0; passed < PASSAGE_MS; passed += INVENTORY_ROUND_MS) {
        if (!random.chance(faults.strayTags)) continue;
        faultStats.strays += 1;
        reads.push({ ts: Math.round(at + passed), epc, antenna: random.integer(1, 2), rssi: strayDbm() });
      }
      return reads;
    },
  };
}

/** Signal in dBm. It peaks at the first antenna at 1/4 of the passage, at the second at 3/4. */
function signal(antenna: number, direction: "in" | "out", share: number): number {
  const first = direction === "out" ? 1 : 2;
  const peak = antenna === first ? 0.25 : 0.75;
  return PEAK_DBM - FALLOFF_DBM * Math.abs(share - peak) * 2;
}

function inventoryRound(
  epc: string,
  antenna: number,
  ts: number,
  dbm: number,
  random: Random,
  faults: Faults,
  faultStats: FaultStats,
): WireReading | undefined {
  const rssi = dbm + random.gaussian(2);
  if (rssi < SENSITIVITY_DBM) return undefined;
  faultStats.asked += 1;
  if (!random.chance(faults.readRate)) return undefined;
  faultStats.answered += 1;
  return { ts, epc, antenna, rssi: rounded(rssi, 1) };
}
