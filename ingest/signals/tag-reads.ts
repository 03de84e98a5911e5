import type { ReadPointMount } from "./sample.ts";

/*
 * What the reads of one tag say of where it is, and of the way it goes through a portal:
 *
 * 1. Each antenna of a read point faces inside, outside, or neither (`here`). The reads of one side are summed up.
 * 2. The sum starts again when the side has been silent, or its peak is past, for more than 10 s.
 * 3. A side is reliable with one read of at least −65 dBm, or of a reader that reports no RSSI, or with three weaker
 *    reads. Fewer weak reads are a cross-read of another read point's tag, or a reflection.
 * 4. A tag that both sides read moves towards the side whose signal peaked later. Peaks less than 300 ms apart have no
 *    order. Without RSSI the middle of the reads stands for the peak.
 * 5. The order is only certain once the earlier signal is past its peak: fallen by 3 dB, or silent for 300 ms.
 *
 * Example: outside −48 dBm at 0.0 s and −55 dBm at 0.8 s, inside −50 dBm at 1.2 s: the outside peak is earlier and past,
 * so the tag moved in.
 */

/** The reads of one tag on one side of a read point, summed up: a hundred reads a second become six numbers. */
export interface SideReads {
  reads: number;
  firstAt: number;
  lastAt: number;
  /** strongest signal, dBm; null when the reader reports no RSSI */
  peakDbm: number | null;
  peakAt: number;
  /** strength of the last read, dBm */
  latestDbm: number | null;
}

/** The side an antenna faces; `here`: the mount does not say. */
export type Side = "inside" | "outside" | "here";

const WEAK_DBM = -65;
const RELIABLE_READS = 3;
const RECENT_MS = 10_000;
const PEAKS_APART_MS = 300;
const FALLEN_DB = 3;

export interface TagRead {
  ts: number;
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

export function addRead(before: SideReads | undefined, { ts, rssi, count = 1 }: TagRead): SideReads {
  const reads = Math.max(1, count);
  const strength = rssi ?? null;
  // A tag that lies still is read for hours; only its last seconds show where it goes.
  if (before === undefined || ts - before.lastAt > RECENT_MS || ts - before.peakAt > RECENT_MS) {
    return { reads, firstAt: ts, lastAt: ts, peakDbm: strength, peakAt: ts, latestDbm: strength };
  }
  const { peakDbm } = before;
  const isStronger = strength === null || peakDbm === null || strength > peakDbm;
  return {
    reads: before.reads + reads,
    firstAt: before.firstAt,
    lastAt: ts,
    peakDbm: strength === null || peakDbm === null ? null : Math.max(strength, peakDbm),
    peakAt: isStronger ? ts : before.peakAt,
    latestDbm: strength,
  };
}

/** Whether the reads show that the tag is really there (step 3). */
export function isReliable(side: SideReads | undefined): side is SideReads {
  return side !== undefined && (side.peakDbm === null || side.peakDbm >= WEAK_DBM || side.reads >= RELIABLE_READS);
}

/** Whether the side was read within the last 10 s. */
export function isRecent(side: SideReads | undefined, now: number): side is SideReads {
  return side !== undefined && now - side.lastAt <= RECENT_MS;
}

/**
 * The way of a tag that both sides have read (steps 4 and 5).
 * @returns undefined while the earlier signal may still rise; `unknown` when the peaks are too close to tell
 */
export function directionOf(inside: SideReads, outside: SideReads, now: number): "in" | "out" | "unknown" | undefined {
  const apartMs = peakTime(inside) - peakTime(outside);
  if (Math.abs(apartMs) < PEAKS_APART_MS) return "unknown";
  if (!isPastPeak(apartMs > 0 ? outside : inside, now)) return undefined;
  return apartMs > 0 ? "in" : "out";
}

function peakTime({ peakDbm, peakAt, firstAt, lastAt }: SideReads): number {
  return peakDbm === null ? (firstAt + lastAt) / 2 : peakAt;
}

function isPastPeak({ peakDbm, latestDbm, lastAt }: SideReads, now: number): boolean {
  if (now - lastAt >= PEAKS_APART_MS) return true;
  return peakDbm !== null && latestDbm !== null && latestDbm <= peakDbm - FALLEN_DB;
}
