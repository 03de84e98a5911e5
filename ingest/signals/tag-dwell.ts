import type { NewFact } from "../domain/fact.ts";
import { TAG_CONFIDENCE } from "../domain/tag-confidence.ts";
import { directionOfPass, type PassDirection } from "./portal-pass.ts";
import type { SideSignal } from "./portal-side.ts";
import { type ReadPlace, readPlaceOf, isSameReadPlace, type ReadPointMount } from "./sample.ts";
import { isPortal, isReliable, type Side, type SideReads } from "./tag-reads.ts";

/*
 * A dwell is the time one tag is at one read point, and this is how it ends:
 *
 * 1. The usual silence between two reads of the tag is learnt: a moving average with a share of 1/4 for the newest. A
 *    silence above 5 s at a portal, or above 600 s elsewhere, is a pause between two dwells and teaches nothing.
 * 2. The dwell is over after 7 times the usual silence without a read: at least 60 s and at most 600 s; at a portal at
 *    least 5 s and at most 30 s.
 * 3. Its end has the time of the last read plus that timeout. The next read publishes it, or a timer does before that: for
 *    how long it waits, see `dwellWaitMs` (pipeline/tag-dwell-end.ts).
 * 4. A dwell at a portal ends with its pass, if that was not judged before: the tag was `seen`. Any other ends `gone`, or
 *    `heard` when the reads were too few to say that the tag was there.
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
  /** at a portal: the signals since the last pass that was judged; null elsewhere */
  pass: PortalPass | null;
  /** the last `seen` fact of this dwell; null: none yet */
  reported: TagReport | null;
}

export interface PortalPass {
  inside: SideSignal;
  outside: SideSignal;
}

export const NO_PASS: PortalPass = { inside: [], outside: [] };

export type TagReport = PassDirection;

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

/** After a silence this long the dwell is over, milliseconds. */
export function silenceTimeoutMs({ dwell, usualSilenceMs }: TagState): number {
  const atPortal = dwell !== null && dwell.pass !== null;
  const expected = Math.max(atPortal ? PORTAL_SILENCE_MS : SHELF_SILENCE_MS, USUAL_SILENCES * usualSilenceMs);
  return Math.min(atPortal ? MAX_PORTAL_SILENCE_MS : MAX_SHELF_SILENCE_MS, expected);
}

/** The usual silence after a read at `ts`, milliseconds. */
export function learnUsualSilence({ dwell, usualSilenceMs }: TagState, ts: number, readPoint: ReadPointMount): number {
  if (dwell === null || !isSameReadPlace(dwell, readPoint)) return usualSilenceMs;
  const silenceMs = ts - dwell.last;
  if (silenceMs > (isPortal(readPoint) ? PORTAL_SILENCE_MS : MAX_SHELF_SILENCE_MS)) return usualSilenceMs;
  return usualSilenceMs === 0 ? silenceMs : Math.round(usualSilenceMs + LEARNING_RATE * (silenceMs - usualSilenceMs));
}

/** When the dwell is over if no further read comes, epoch milliseconds; undefined when there is no dwell. */
export function dwellEndsAt(state: TagState): number | undefined {
  return state.dwell === null ? undefined : state.dwell.last + silenceTimeoutMs(state);
}

/** The key of the dwell's end. */
export function dwellEndKey(dwell: TagDwell, { deviceId, tag }: TagContext): string {
  return `${endOf(dwell).type}:${tag}:${deviceId}:${dwell.last}`;
}

/** `concludedAt`: when the dwell was over, the silence included. */
export type DwellEndFact = NewFact & { concludedAt: number };

/** The fact that the dwell is over (step 4). Undefined when there is no dwell. */
export function dwellEndFact(state: TagState, context: TagContext): DwellEndFact | undefined {
  const { dwell } = state;
  if (dwell === null) return undefined;
  const end = endOf(dwell);
  const key = dwellEndKey(dwell, context);
  const concludedAt = dwell.last + silenceTimeoutMs(state);
  if (end.type === "seen") {
    return { ...seenFact(dwell, end, { ts: dwell.last }, context), key, concludedAt };
  }
  const { since, last, reported, pass } = dwell;
  const { deviceId, tag } = context;
  return {
    key,
    subject: `tag:${tag}`,
    at: concludedAt,
    concludedAt,
    type: end.type,
    data: { ...readPlaceOf(dwell), since, last, ...strengthOf(dwell), ...(pass !== null && { portal: true as const }) },
    rule: "tag-presence",
    evidence: [
      { device_id: deviceId, kind: "rfid", ts: new Date(last).toISOString(), note: describeReads(dwell.sides) },
    ],
    confidence: reported?.confidence ?? TAG_CONFIDENCE.unknown,
    deviceId,
  };
}

/** How a dwell ends by what was read and reported of it. */
function endOf({
  pass,
  last,
  reported,
  sides,
}: TagDwell): { type: "gone" | "heard" } | ({ type: "seen" } & TagEvidence) {
  const report = pass === null ? undefined : directionOfPass(pass.inside, pass.outside, last, true);
  if (report !== undefined && report.direction !== "unknown") return { type: "seen", report, pass };
  if (reported !== null) return { type: "gone" };
  const isRead = isReliable(sides.inside) || isReliable(sides.outside);
  return report !== undefined && isRead ? { type: "seen", report, pass } : { type: "heard" };
}

/** What a `seen` fact reports; of a pass through a portal with what its antennas heard of that pass. */
export interface TagEvidence {
  report: TagReport;
  pass: PortalPass | null;
}

/** A tag was read at a place, or went through its portal. `evidence`: the reading that shows it. */
export function seenFact(
  dwell: TagDwell,
  { report: { direction, likely, confidence, at }, pass }: TagEvidence,
  evidence: { ts: number; seq?: number },
  { deviceId, tag }: TagContext,
): NewFact {
  return {
    key: `seen:${tag}:${deviceId}:${evidence.ts}:${at}`,
    subject: `tag:${tag}`,
    at,
    type: "seen",
    data: {
      ...readPlaceOf(dwell),
      direction,
      ...(likely !== undefined && { likely }),
      ...(pass === null ? strengthOf(dwell) : strengthOfPass(pass)),
      ...(dwell.pass !== null && { portal: true as const }),
    },
    rule: "tag-presence",
    evidence: [
      {
        device_id: deviceId,
        kind: "rfid",
        ...evidence,
        ts: new Date(evidence.ts).toISOString(),
        note: describeReads(dwell.sides),
      },
    ],
    confidence,
    deviceId,
  };
}

/** By this the fold tells the reads of this place from cross-reads (domain/shipment/cross-reads.ts). */
function strengthOf({ sides }: TagDwell): { reads: number; rssiDbm?: number } {
  const all = Object.values(sides);
  const reads = all.reduce((sum, side) => sum + side.reads, 0);
  const peaks = all.flatMap(({ peakDbm }) => (peakDbm === null ? [] : [peakDbm]));
  return peaks.length === 0 ? { reads } : { reads, rssiDbm: Math.max(...peaks) };
}

/** The same of a pass: what the dwell has heard before it, in the field of the portal, does not count. */
function strengthOfPass({ inside, outside }: PortalPass): { reads: number; rssiDbm?: number } {
  const bins = [...inside, ...outside];
  const reads = bins.reduce((sum, [, count]) => sum + count, 0);
  const levels = bins.flatMap(([, , dbm]) => (dbm === null ? [] : [dbm]));
  return levels.length === 0 ? { reads } : { reads, rssiDbm: Math.max(...levels) };
}

/** Such as `3 inside up to -52 dBm, 1 outside`. */
export function describeReads(sides: TagDwell["sides"]): string {
  return Object.entries(sides)
    .map(([side, { reads, peakDbm }]) => `${reads} ${side}${peakDbm === null ? "" : ` up to ${peakDbm} dBm`}`)
    .join(", ");
}
