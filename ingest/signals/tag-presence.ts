import type { Direction, NewFact } from "../domain/fact.ts";
import type { Sample, SignalRule } from "./signal-rule.ts";
import { isSameReadPlace, readPlaceOf, type ReadPointMount } from "./sample.ts";
import {
  describeReads,
  dwellEndFact,
  type DwellReport,
  learnUsualSilence,
  silenceTimeoutMs,
  type TagContext,
  type TagDwell,
  type TagState,
} from "./tag-dwell.ts";
import { addRead, directionOf, isPortal, isRecent, isReliable, sideOf } from "./tag-reads.ts";

/*
 * How the reads of one tag by one reader become facts, in the order of `step` below:
 *
 * 1. A read counts for the read point where its reader was mounted at that time. Without a mount it has no meaning.
 * 2. Reads at one read point form a dwell (tag-dwell.ts). A tag answers about two reads in three, so the dwell lasts
 *    through silences of 60 s (at a portal 5 s), or longer if this tag's reads come more seldom.
 * 3. A side of the read point is reliable with one read of at least −65 dBm, or with three weaker ones (tag-reads.ts).
 * 4. Only inside, or at a read point without sides: direction `in`, confidence 0.7, from three reads on 0.85 (at a portal
 *    0.7: the tag may be on its way out). Only outside: `unknown`, 0.5.
 * 5. Both sides within 10 s: the tag moved to the side whose signal peaked later. Confidence 0.9 with at least two reads
 *    on each side, else 0.75. With peaks less than 300 ms apart: `unknown`, 0.5.
 * 6. A `seen` fact reports the first direction, a different one, and once the rise of its confidence to 0.85 or more.
 * 7. When the dwell is over it is `gone`; if nothing was reported of it, `stray`: its reads were too weak and too few.
 *
 * Example, a portal: outside peaks at 09:00:00.0, inside at 09:00:01.2 and falls by 3 dB, two reads each: `seen`, `in`,
 * 0.9. The last read is at 09:00:02.0, so the tag is `gone` at 09:00:07.0: it is inside.
 */

export interface TagSample extends Sample {
  antenna: number;
  /** dBm */
  rssi?: number | undefined;
  /** reads the reader has summed up in this one */
  count?: number | undefined;
}

const FIRM_READS = 3;
const CONFIDENCE = { order: 0.9, weakOrder: 0.75, firm: 0.85, single: 0.7, unknown: 0.5 };

export const tagPresenceRule: SignalRule<TagSample, TagState, TagContext> = {
  initial: { dwell: null, usualSilenceMs: 0 },
  step(state, sample, context) {
    const readPoint = context.readPointAt(sample.ts);
    if (readPoint === undefined) return { state, facts: [], quality: "ok" };
    const isOver = state.dwell !== null && !continues(state, state.dwell, sample, readPoint);
    const usualSilenceMs = learnUsualSilence(state, sample.ts, readPoint);
    const dwell = extendDwell(isOver ? null : state.dwell, sample, readPoint);
    const facts = isOver ? endBefore(state, sample, context) : [];
    const report = newReport(dwell, readPoint, sample);
    if (report === undefined) return { state: { dwell, usualSilenceMs }, facts, quality: "ok" };
    facts.push(seenFact(dwell, report, sample, context));
    return { state: { dwell: { ...dwell, reported: report }, usualSilenceMs }, facts, quality: "ok" };
  },
};

function continues(state: TagState, dwell: TagDwell, { ts }: TagSample, readPoint: ReadPointMount): boolean {
  return isSameReadPlace(dwell, readPoint) && ts - dwell.last <= silenceTimeoutMs(state, readPoint);
}

/** The end of the dwell before this read. If the reader was moved during the silence, it ended with this read at the latest. */
function endBefore(state: TagState, { ts }: TagSample, context: TagContext): NewFact[] {
  const end = dwellEndFact(state, context);
  return end ? [{ ...end, at: Math.min(end.at, ts) }] : [];
}

function extendDwell(dwell: TagDwell | null, sample: TagSample, readPoint: ReadPointMount): TagDwell {
  const side = sideOf(readPoint, sample.antenna);
  const sides = { ...dwell?.sides, [side]: addRead(dwell?.sides[side], sample) };
  return {
    ...readPlaceOf(readPoint),
    since: dwell?.since ?? sample.ts,
    last: sample.ts,
    sides,
    reported: dwell?.reported ?? null,
  };
}

/** What this read adds to what was reported: another direction, or the same with firm confidence. */
function newReport(
  { sides, reported }: TagDwell,
  readPoint: ReadPointMount,
  { ts }: TagSample,
): DwellReport | undefined {
  const now = reportOf(sides, readPoint, ts);
  if (now === undefined || reported === null) return now;
  if (now.direction === "unknown") return undefined;
  if (now.direction !== reported.direction) return now;
  return reported.confidence < CONFIDENCE.firm && now.confidence >= CONFIDENCE.firm ? now : undefined;
}

/** Steps 3 to 5; undefined while the reads are not reliable, or a signal may still rise. */
function reportOf(sides: TagDwell["sides"], readPoint: ReadPointMount, now: number): DwellReport | undefined {
  const { outside } = sides;
  const inside = isReliable(sides.inside) ? sides.inside : sides.here;
  const isIn = isReliable(inside) && isRecent(inside, now);
  const isOut = isReliable(outside) && isRecent(outside, now);
  if (isIn && isOut) {
    const direction = directionOf(inside, outside, now);
    if (direction === undefined) return undefined;
    if (direction === "unknown") return { direction, confidence: CONFIDENCE.unknown };
    const isFirm = inside.reads >= 2 && outside.reads >= 2;
    return { direction, confidence: isFirm ? CONFIDENCE.order : CONFIDENCE.weakOrder };
  }
  if (isOut) return { direction: "unknown", confidence: CONFIDENCE.unknown };
  if (!isIn) return undefined;
  const isFirm = !isPortal(readPoint) && inside.reads >= FIRM_READS;
  return { direction: "in", confidence: isFirm ? CONFIDENCE.firm : CONFIDENCE.single };
}

function seenFact(
  dwell: TagDwell,
  { direction, confidence }: DwellReport,
  { ts, seq, antenna }: TagSample,
  { deviceId, tag }: TagContext,
): NewFact {
  const note = describeReads(dwell.sides);
  const evidence = { device_id: deviceId, kind: "rfid", ts: new Date(ts).toISOString(), note };
  return {
    key: `seen:${tag}:${deviceId}:${ts}:${antenna}`,
    subject: `tag:${tag}`,
    at: ts,
    type: "seen",
    data: { ...readPlaceOf(dwell), direction, ...peakInside(dwell, direction) },
    rule: "tag-presence",
    evidence: [seq < 0 ? evidence : { ...evidence, seq }],
    confidence,
    deviceId,
  };
}

/** By this the fold tells reads of this place from cross-reads (domain/shipment/cross-reads.ts). */
function peakInside({ locationId, sides }: TagDwell, direction: Direction): { rssiDbm?: number } {
  const peakDbm = (isReliable(sides.inside) ? sides.inside : sides.here)?.peakDbm ?? null;
  return direction === "in" && locationId !== null && peakDbm !== null ? { rssiDbm: peakDbm } : {};
}
