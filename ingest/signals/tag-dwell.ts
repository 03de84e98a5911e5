import type { Direction, NewFact } from "../domain/fact.ts";
import { isSameReadPlace, type ReadPlace, readPlaceOf, type ReadPointMount } from "./sample.ts";
import { isPortal, type Side, type SideReads } from "./tag-reads.ts";

/*
 * A dwell is the time one tag is at one read point, and this is how it ends:
 *
 * 1. The usual silence between two reads of the tag is learnt: a moving average with a share of 1/4 for the newest. A
 *    silence above 5 s at a portal, or above 600 s elsewhere, is a pause between two dwells and teaches nothing.
 * 2. The dwell is over after 7 times the usual silence without a read: at least 60 s and at most 600 s; at a portal at
 *    least 5 s and at most 30 s.
 * 3. Its end has the time of the last read plus that timeout. The next read publishes it, or a timer does before that.
 */

export interface TagState {
  dwell: TagDwell | null;
  /** the usual silence between two reads of this tag at this read point, milliseconds; 0 before the second read */
  usualSilenceMs: number;
}

/** Times in epoch milliseconds. */
export interface TagDwell extends ReadPlace {
  since: number;
  last: number;
  sides: { [S in Side]?: SideReads };
  /** the last `seen` fact of this dwell; null: none yet */
  reported: DwellReport | null;
}

export interface DwellReport {
  direction: Direction;
  confidence: number;
}

export interface TagContext {
  deviceId: string;
  /** the tag's key: its pure identity URI, or its raw code */
  tag: string;
  readPointAt(ts: number): ReadPointMount | undefined;
}

const PORTAL_SILENCE_MS = 5_000;
const SHELF_SILENCE_MS = 60_000;
/** ln 1/δ with δ = 0.001: the chance that a tag that is still there is missed for so long (SMURF, Jeffery et al. 2006). */
const USUAL_SILENCES = 7;
const MAX_PORTAL_SILENCE_MS = 30_000;
const MAX_SHELF_SILENCE_MS = 600_000;
/** Share of the newest silence in the moving average. */
const LEARNING_RATE = 0.25;
const STRAY_CONFIDENCE = 0.5;

/** After a silence this long the dwell is over, milliseconds. */
export function silenceTimeoutMs({ usualSilenceMs }: TagState, readPoint: ReadPointMount): number {
  const portal = isPortal(readPoint);
  const expected = Math.max(portal ? PORTAL_SILENCE_MS : SHELF_SILENCE_MS, USUAL_SILENCES * usualSilenceMs);
  return Math.min(portal ? MAX_PORTAL_SILENCE_MS : MAX_SHELF_SILENCE_MS, expected);
}

/** The usual silence after a read at `ts`, milliseconds. */
export function learnUsualSilence({ dwell, usualSilenceMs }: TagState, ts: number, readPoint: ReadPointMount): number {
  if (dwell === null || !isSameReadPlace(dwell, readPoint)) return usualSilenceMs;
  const silenceMs = ts - dwell.last;
  if (silenceMs > (isPortal(readPoint) ? PORTAL_SILENCE_MS : MAX_SHELF_SILENCE_MS)) return usualSilenceMs;
  return usualSilenceMs === 0 ? silenceMs : Math.round(usualSilenceMs + LEARNING_RATE * (silenceMs - usualSilenceMs));
}

/** When the dwell is over if no further read comes, epoch milliseconds; undefined when there is no dwell. */
export function dwellEndsAt(state: TagState, context: TagContext): number | undefined {
  const { dwell } = state;
  const readPoint = dwell ? context.readPointAt(dwell.last) : undefined;
  return dwell && readPoint ? dwell.last + silenceTimeoutMs(state, readPoint) : undefined;
}

/** The key of the dwell's end. It does not depend on the read point: a reader's mount may be corrected later. */
export function dwellEndKey({ last, reported }: TagDwell, { deviceId, tag }: TagContext): string {
  return `${reported === null ? "stray" : "gone"}:${tag}:${deviceId}:${last}`;
}

/** The fact that the dwell is over: the tag is gone, or its reads were stray. Undefined when there is no dwell. */
export function dwellEndFact(state: TagState, context: TagContext): NewFact | undefined {
  const { dwell } = state;
  const readPoint = dwell ? context.readPointAt(dwell.last) : undefined;
  if (dwell === null || readPoint === undefined) return undefined;
  const { deviceId, tag } = context;
  const { since, last, sides, reported } = dwell;
  return {
    key: dwellEndKey(dwell, context),
    subject: `tag:${tag}`,
    at: last + silenceTimeoutMs(state, readPoint),
    type: reported === null ? "stray" : "gone",
    data: { ...readPlaceOf(dwell), since, last, ...(isPortal(readPoint) && { portal: true as const }) },
    rule: "tag-presence",
    evidence: [{ device_id: deviceId, kind: "rfid", ts: new Date(last).toISOString(), note: describeReads(sides) }],
    confidence: reported?.confidence ?? STRAY_CONFIDENCE,
    deviceId,
  };
}

/** Such as `3 inside up to -52 dBm, 1 outside`. */
export function describeReads(sides: TagDwell["sides"]): string {
  return Object.entries(sides)
    .map(([side, { reads, peakDbm }]) => `${reads} ${side}${peakDbm === null ? "" : ` up to ${peakDbm} dBm`}`)
    .join(", ");
}
