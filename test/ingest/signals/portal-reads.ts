import type { TagSample } from "../../../ingest/signals/tag-presence.ts";
import { createNoise } from "./noise.ts";
import { read } from "./tag-facts.ts";

/** Reads as `[seconds, antenna, dBm]`: antenna 1 looks inside, antenna 2 outside. */
export const reads = (...list: [seconds: number, antenna: number, dbm: number][]): TagSample[] =>
  list.map(([seconds, antenna, dbm]) => read(Math.round(100_000 + seconds * 1000), antenna, dbm));

/** It comes near, and is carried back the way it came. */
export function backAndForth(): [number, number, number][] {
  return Array.from({ length: 48 }, (_, i): [number, number, number][] => {
    const seconds = -6 + i / 4;
    const metres = -Math.abs(seconds) / 2;
    return [
      [seconds, 1, -42 - 6 * Math.abs(metres + 1)],
      [seconds + 0.01, 2, -42 - 6 * Math.abs(metres - 1)],
    ];
  }).flat();
}

/** It stands in the field: two reads in three. */
export function parked(seconds: number): [number, number, number][] {
  const { uniform, gaussian } = createNoise(7);
  return Array.from({ length: seconds * 2 }, (_, i): [number, number, number] => [
    i / 2,
    i % 2 ? 1 : 2,
    -52 + gaussian(),
  ]).filter(() => uniform() < 0.65);
}

/** A pallet carried through a portal whose antennas are `gapS` apart in time: two reads in three, or what `readRate` says. */
export function passage(direction: "in" | "out", seed: number, hertz: number, readRate = 0.65): TagSample[] {
  const { uniform, gaussian } = createNoise(seed);
  const gapS = 1.2 + uniform() * 1.6;
  const list: TagSample[] = [];
  for (let seconds = -2.5; seconds < gapS + 2.5; seconds += 1 / hertz) {
    for (const antenna of [1, 2]) {
      const peakAt = (antenna === 1) === (direction === "out") ? 0 : gapS;
      const rssi = -42 - 7 * Math.abs(seconds - peakAt) + gaussian() * 1.5;
      if (rssi <= -70 || uniform() >= readRate) continue;
      list.push(read(Math.round(100_000 + seconds * 1000 + antenna), antenna, Math.round(rssi * 10) / 10));
    }
  }
  return list;
}

/** For 12 s somebody walks about with it inside, one to five metres before the gate: two reads in three. */
export function wandering(seed: number, hertz: number): TagSample[] {
  const { uniform, gaussian } = createNoise(seed);
  const list: [number, number, number][] = [];
  let metres = 3 + uniform() * 2;
  for (let seconds = 0; seconds < 12; seconds += 1 / hertz) {
    metres = Math.max(0.4, Math.min(5, metres + gaussian() * 0.7));
    for (const antenna of [1, 2]) {
      const distance = antenna === 1 ? metres : metres + 1.2;
      const dbm = -42 - 36 * Math.log10(Math.max(1, distance)) + gaussian() * 2;
      if (dbm > -70 && uniform() < 0.65) list.push([seconds, antenna, Math.round(dbm * 10) / 10]);
    }
  }
  return reads(...list);
}

/** A pallet that is carried to between the antennas, stands there for up to two seconds, and is carried back. */
export function turnBack(seed: number, hertz: number, readRate: number): TagSample[] {
  const { uniform, gaussian } = createNoise(seed);
  const [side, depth, waitS] = [uniform() < 0.5 ? 1 : -1, uniform() - 0.8, uniform() * 2];
  const [insideDbm, outsideDbm] = [-50 + uniform() * 10, -50 + uniform() * 10];
  const list: TagSample[] = [];
  for (let seconds = -6; seconds < waitS + 6; seconds += 1 / hertz) {
    const metres = side * (depth - 0.8 * Math.max(0, -seconds, seconds - waitS));
    for (const antenna of [1, 2]) {
      const metresAway = Math.abs(metres - (antenna === 1 ? 1 : -1));
      const rssi = (antenna === 1 ? insideDbm : outsideDbm) - 7 * metresAway + gaussian() * 2;
      if (rssi > -70 && uniform() < readRate)
        list.push(read(Math.round(100_000 + seconds * 1000 + antenna), antenna, rssi));
    }
  }
  return list;
}
