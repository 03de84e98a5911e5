import type { ReadPointMount } from "./sample.ts";

/*
 * What the reads of one tag at one read point say of whether it is there:
 *
 * 1. Each antenna of a read point faces inside, outside, or neither (`here`). The reads of one side are summed up.
 * 2. The sum starts again when the side has been silent for more than 10 s, or for 3 times the usual silence of this tag.
 * 3. One read is only heard: it may be a reflection, or a tag that was carried past. A side is reliable with two reads of
 *    which one has at least −65 dBm, or of a reader that reports no RSSI, or with three weaker reads.
 */

/** The reads of one tag on one side of a read point, summed up: a hundred reads a second become four numbers. */
export interface SideReads {
  reads: number;
  firstAt: number;
  lastAt: number;
  /** strongest signal, dBm; null when the reader reports no RSSI */
  peakDbm: number | null;
}

/** The side an antenna faces; `here`: the mount does not say. */
export type Side = "inside" | "outside" | "here";

const WEAK_DBM = -65;
const RELIABLE_READS = 2;
const RELIABLE_WEAK_READS = 3;
const RECENT_MS = 10_000;
/** ln 1/δ with δ = 0.05: by chance a tag that is there is missed for so long in one of twenty silences. */
const USUAL_SILENCES = 3;

export interface TagRead {
  ts: number;
  /** dBm */
  rssi?: number | undefined;
  /** reads the reader has summed up in this one */
  count?: number | undefined;
}

export function sideOf({ antennas }: ReadPointMount, antenna: number): Side {
  return antennas[antenna] ?? "here";
}

/** Whether the read point has antennas to both sides: goods pass through it. */
export function isPortal({ antennas }: ReadPointMount): boolean {
  const sides = Object.values(antennas);
  return sides.includes("inside") && sides.includes("outside");
}

/** @param usualSilenceMs between two reads of this tag at this read point; 0: not known */
export function addRead(before: SideReads | undefined, read: TagRead, usualSilenceMs: number): SideReads {
  const { ts, rssi, count = 1 } = read;
  const reads = Math.max(1, count);
  const dbm = rssi ?? null;
  const recentMs = Math.max(RECENT_MS, USUAL_SILENCES * usualSilenceMs);
  if (before === undefined || ts - before.lastAt > recentMs) return { reads, firstAt: ts, lastAt: ts, peakDbm: dbm };
  return {
    reads: before.reads + reads,
    firstAt: before.firstAt,
    lastAt: ts,
    peakDbm: dbm === null || before.peakDbm === null ? null : Math.max(dbm, before.peakDbm),
  };
}

/** Whether the reads show that the tag is really there (step 3). */
export function isReliable(side: SideReads | undefined): side is SideReads {
  if (side === undefined) return false;
  const isWeak = side.peakDbm !== null && side.peakDbm < WEAK_DBM;
  return side.reads >= (isWeak ? RELIABLE_WEAK_READS : RELIABLE_READS);
}
