import type { ReadPointMount } from "./sample.ts";

/** The reads of one tag on one side of a read point, summed up: a hundred reads a second become five numbers. */
export interface SideReads {
  reads: number;
  first: number;
  last: number;
  /** strongest signal, dBm, and when; null when the reader doesn't say */
  peak: number | null;
  peakAt: number;
  /** strength of the last read, dBm */
  latest: number | null;
}

/** Where an antenna looks; `here`: the read point does not tell. */
export type Side = "inside" | "outside" | "here";

/** Weaker than this … */
const WEAK_DBM = -65;
/** … fewer reads than this are a neighbour's tag leaking in, or a reflection. */
const BELIEVED_READS = 3;
/** What a tag did so long ago has nothing to do with what it does now, milliseconds. */
const FORGOTTEN_MS = 10_000;
/** Two peaks closer than this have no order, milliseconds. */
const PEAKS_APART_MS = 300;
/** A signal is past its peak when it has fallen by so much, dB. */
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

/** Whether the read point looks both ways, and goods pass it. */
export function isPortal({ antennas }: ReadPointMount): boolean {
  const sides = Object.values(antennas);
  return sides.includes("inside") && sides.includes("outside");
}

export function addRead(before: SideReads | undefined, { ts, rssi, count = 1 }: TagRead): SideReads {
  const reads = Math.max(1, count);
  const strength = rssi ?? null;
  // A tag that lies about is read for hours; only its last moments tell where it goes.
  if (before === undefined || ts - before.last > FORGOTTEN_MS || ts - before.peakAt > FORGOTTEN_MS) {
    return { reads, first: ts, last: ts, peak: strength, peakAt: ts, latest: strength };
  }
  const { peak } = before;
  const stronger = strength === null || peak === null || strength > peak;
  return {
    reads: before.reads + reads,
    first: before.first,
    last: ts,
    peak: strength === null || peak === null ? null : Math.max(strength, peak),
    peakAt: stronger ? ts : before.peakAt,
    latest: strength,
  };
}

/**
 * Whether the tag really is there. One read is enough if it is strong, or of a reader that does not say how strong; weak
 * ones must be several.
 */
export function isBelieved(side: SideReads | undefined): side is SideReads {
  return side !== undefined && (side.peak === null || side.peak >= WEAK_DBM || side.reads >= BELIEVED_READS);
}

export function isStill(side: SideReads | undefined, now: number): side is SideReads {
  return side !== undefined && now - side.last <= FORGOTTEN_MS;
}

/**
 * Which way a tag went that both sides have read: towards the side whose signal peaked later.
 * @returns undefined while the earlier signal may still rise; `unknown` when the peaks are too close to tell
 */
export function directionOf(inside: SideReads, outside: SideReads, now: number): "in" | "out" | "unknown" | undefined {
  const apart = peakTime(inside) - peakTime(outside);
  if (Math.abs(apart) < PEAKS_APART_MS) return "unknown";
  if (!isPastPeak(apart > 0 ? outside : inside, now)) return undefined;
  return apart > 0 ? "in" : "out";
}

/** Without strengths: the middle of the time it was read. */
function peakTime({ peak, peakAt, first, last }: SideReads): number {
  return peak === null ? (first + last) / 2 : peakAt;
}

function isPastPeak({ peak, latest, last }: SideReads, now: number): boolean {
  if (now - last >= PEAKS_APART_MS) return true;
  return peak !== null && latest !== null && latest <= peak - FALLEN_DB;
}
