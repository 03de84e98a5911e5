import { createRandom } from "../world/random.ts";
import type { GateApproach } from "../world/event.ts";
import type { FaultStats } from "./fault-stats.ts";
import { type Device, rounded, type WireReading } from "./device.ts";
import type { Faults } from "./faults.ts";

/** A dock portal: antenna 1 faces the hall, antenna 2 faces the trucks. */
export const GATE_ANTENNAS = { "1": "inside", "2": "outside" } as const;

/** A pallet is heard so long before the first and after the second antenna, milliseconds. */
const APPROACH_MS = 2_500;
/** From one antenna to the other, milliseconds. */
const BETWEEN_ANTENNAS_MS: readonly [number, number] = [1_200, 2_800];
/** How often each antenna asks, per second. */
const POLLS_PER_S: readonly [number, number] = [2, 8];
/** Signal at the antenna's centre, how it falls off with the time to it, and how it varies. */
const PEAK_DBM = -42;
const FALLOFF_DB_PER_S = 7;
const VARIATION_DB = 1.5;
/** Weaker than this a tag does not answer at all, dBm. */
const SENSITIVITY_DBM = -70;
const STRAY_DBM = -71;
const STRAYS_MS = 4_000;
const STRAY_POLL_MS = 200;
/** How strong a gate reads what stands in its field, or does not go through it, dBm. */
const PARKED_DBM = -67;
const BESIDE_DBM: readonly [number, number] = [-64, -60];
const PARKED_MS = 90_000;
const PARKED_EVERY_MS = 6_000;

export interface Gate extends Device {
  site: string;
  /** The reads of a tag carried through from `at` on. Some rounds are missed, as with real passive tags. */
  readPassage(epc: string, direction: "in" | "out", at: number): WireReading[];
  /** Cross-reads of a tag carried through a neighbouring gate: weak, on either antenna. */
  crossReads(epc: string, at: number): WireReading[];
  /** The reads of one tag that comes near and does not go through, from `at` on. */
  readApproach(epc: string, visit: GateApproach, at: number): WireReading[];
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
  const pollMs = 1_000 / random.between(...POLLS_PER_S);
  const strayDbm = () => rounded(STRAY_DBM + random.gaussian(2), 1);

  /** One antenna after the other asks, and most tags answer. */
  const readNear = (epc: string, antennas: readonly Antenna[], from: number, until: number): WireReading[] => {
    const reads: WireReading[] = [];
    for (let at = from; at < until; at += pollMs) {
      for (const { antenna, peakAt, peakDbm } of antennas) {
        const fallDb = (FALLOFF_DB_PER_S * Math.abs(at - peakAt)) / 1_000;
        const rssi = peakDbm - fallDb + random.gaussian(VARIATION_DB);
        if (rssi < SENSITIVITY_DBM) continue;
        faultStats.asked += 1;
        if (!random.chance(faults.readRate)) continue;
        faultStats.answered += 1;
        reads.push({ ts: Math.round(at) + antenna * 10, epc, antenna, rssi: rounded(rssi, 1) });
      }
    }
    return reads;
  };

  /** Reads of a tag that is somewhere else while another goes through. */
  const readStrays = (at: number, antenna: () => number, epc: string | undefined): WireReading[] => {
    const reads: WireReading[] = [];
    for (let ts = at; epc !== undefined && ts < at + STRAYS_MS; ts += STRAY_POLL_MS) {
      if (!random.chance(faults.strayTags)) continue;
      faultStats.strays += 1;
      reads.push({ ts: Math.round(ts), epc, antenna: antenna(), rssi: strayDbm() });
    }
    return reads;
  };
  return {
    id,
    site,
    kind: "rfid",
    mount: { site, antennas: GATE_ANTENNAS },
    intervalMs: undefined,
    readPassage(epc, direction, at) {
      const betweenMs = random.between(...BETWEEN_ANTENNAS_MS);
      const antennas = antennasPassed(direction, at + APPROACH_MS, betweenMs);
      const reads = readNear(epc, antennas, at, at + 2 * APPROACH_MS + betweenMs);
      // One that stands about outside leaks in: weak, and on the antenna that looks out.
      const strays = readStrays(at, () => 2, strayEpc === epc ? undefined : strayEpc);
      strayEpc = epc;
      return [...reads, ...strays].sort((a, b) => a.ts - b.ts);
    },
    crossReads: (epc, at) => readStrays(at, () => random.integer(1, 2), epc),
    readApproach(epc, visit, at) {
      const peakAt = at + APPROACH_MS;
      switch (visit) {
        case "one-read":
          return [{ ts: Math.round(at), epc, antenna: 1, rssi: rounded(random.between(...BESIDE_DBM), 1) }];
        case "alternating":
          return Array.from({ length: 6 }, (_, index) => {
            const rssi = rounded(random.between(...BESIDE_DBM), 1);
            return { ts: Math.round(at + index * 700), epc, antenna: 1 + (index % 2), rssi };
          });
        case "outward":
          return this.readPassage(epc, "out", at);
        case "to-and-back": {
          // Its nearest point is before the inside antenna; the other hears it less.
          const antennas = [-46, -54].map((peakDbm, index) => ({ antenna: index + 1, peakAt, peakDbm }));
          return readNear(epc, antennas, at, at + 2 * APPROACH_MS);
        }
        case "parked": {
          const reads: WireReading[] = [];
          for (let ts = at; ts < at + PARKED_MS; ts += random.between(0.2, 1.8) * PARKED_EVERY_MS) {
            const rssi = rounded(PARKED_DBM + random.gaussian(VARIATION_DB), 1);
            reads.push({ ts: Math.round(ts), epc, antenna: random.integer(1, 2), rssi });
          }
          return reads;
        }
      }
    },
  };
}

/** Each antenna is strongest when the tag passes it. */
interface Antenna {
  antenna: number;
  /** epoch milliseconds, and the signal then, dBm */
  peakAt: number;
  peakDbm: number;
}

/** Outward, the tag passes the inside antenna first. */
function antennasPassed(direction: "in" | "out", first: number, betweenMs: number): Antenna[] {
  const [inside, outside] = direction === "out" ? [first, first + betweenMs] : [first + betweenMs, first];
  return [
    { antenna: 1, peakAt: inside, peakDbm: PEAK_DBM },
    { antenna: 2, peakAt: outside, peakDbm: PEAK_DBM },
  ];
}
