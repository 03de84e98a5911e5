import type { Direction, NewFact } from "../domain/fact.ts";
import type { Rule, Sample } from "./signal-rule.ts";
import { isSamePlace, placeRead, type ReadPointMount } from "./sample.ts";
import { addRead, directionOf, isBelieved, isPortal, isStill, sideOf } from "./tag-reads.ts";
import {
  describeReads,
  endOfVisit,
  learnSilence,
  patienceMs,
  type TagContext,
  type TagState,
  type Told,
  type Visit,
} from "./tag-dwell.ts";

/**
 * Reads of one tag at one reader → visits. Tags blink: two reads in three answer. So a visit lasts as long as silences
 * are no longer than this tag's reads lead one to expect, and only what changes during it is a fact: that the tag is
 * there, which way it went, and that it is gone. A weak lone read moves nothing and is reported as a stray.
 */
export interface TagSample extends Sample {
  antenna: number;
  /** dBm */
  rssi?: number | undefined;
  count?: number | undefined;
}

const FIRM_READS = 3;
const CONFIDENCE = { order: 0.9, loneOrder: 0.75, firm: 0.85, lone: 0.7, unknown: 0.5 };

export const tagPresenceRule: Rule<TagSample, TagState, TagContext> = {
  initial: { visit: null, usualSilenceMs: 0 },
  step(state, sample, context) {
    const readPoint = context.readPointAt(sample.ts);
    if (readPoint === undefined) return { state, facts: [], quality: "ok" };
    const over = state.visit !== null && !goesOn(state, state.visit, sample, readPoint);
    const usualSilenceMs = learnSilence(state, sample.ts, readPoint);
    const visit = enter(over ? null : state.visit, sample, readPoint);
    const facts = over ? endedBefore(state, sample, context) : [];
    const news = whatIsNew(visit, readPoint, sample);
    if (news === undefined) return { state: { visit, usualSilenceMs }, facts, quality: "ok" };
    facts.push(sighting(visit, news, sample, context));
    return { state: { visit: { ...visit, told: news }, usualSilenceMs }, facts, quality: "ok" };
  },
};

function goesOn(state: TagState, visit: Visit, { ts }: TagSample, readPoint: ReadPointMount): boolean {
  return isSamePlace(visit, readPoint) && ts - visit.last <= patienceMs(state, readPoint);
}

/** Where a reader is moved during a silence, the visit was over by then. */
function endedBefore(state: TagState, { ts }: TagSample, context: TagContext): NewFact[] {
  const end = endOfVisit(state, context);
  return end ? [{ ...end, at: Math.min(end.at, ts) }] : [];
}

function enter(visit: Visit | null, sample: TagSample, readPoint: ReadPointMount): Visit {
  const side = sideOf(readPoint, sample.antenna);
  const sides = { ...visit?.sides, [side]: addRead(visit?.sides[side], sample) };
  return {
    ...placeRead(readPoint),
    since: visit?.since ?? sample.ts,
    last: sample.ts,
    sides,
    told: visit?.told ?? null,
  };
}

/** What this read tells that has not been told of the visit: another direction, or the same with more behind it. */
function whatIsNew({ sides, told }: Visit, readPoint: ReadPointMount, { ts }: TagSample): Told | undefined {
  const now = conclude(sides, readPoint, ts);
  if (now === undefined || told === null) return now;
  if (now.direction === "unknown") return undefined;
  if (now.direction !== told.direction) return now;
  return told.confidence < CONFIDENCE.firm && now.confidence >= CONFIDENCE.firm ? now : undefined;
}

/** An antenna that looks inside sees what is in; one that looks outside says nothing of where the tag is going. */
function conclude(sides: Visit["sides"], readPoint: ReadPointMount, now: number): Told | undefined {
  const { outside } = sides;
  const inside = isBelieved(sides.inside) ? sides.inside : sides.here;
  const isIn = isBelieved(inside) && isStill(inside, now);
  const isOut = isBelieved(outside) && isStill(outside, now);
  if (isIn && isOut) {
    const direction = directionOf(inside, outside, now);
    if (direction === undefined || direction === "unknown")
      return direction && { direction, confidence: CONFIDENCE.unknown };
    const ordered = inside.reads >= 2 && outside.reads >= 2;
    return { direction, confidence: ordered ? CONFIDENCE.order : CONFIDENCE.loneOrder };
  }
  if (isOut) return { direction: "unknown", confidence: CONFIDENCE.unknown };
  if (!isIn) return undefined;
  // At a portal more reads of the hall's antenna don't tell more: the tag may be on its way out.
  const firm = !isPortal(readPoint) && inside.reads >= FIRM_READS;
  return { direction: "in", confidence: firm ? CONFIDENCE.firm : CONFIDENCE.lone };
}

function sighting(
  visit: Visit,
  { direction, confidence }: Told,
  sample: TagSample,
  { deviceId, tag }: TagContext,
): NewFact {
  const { ts, seq, antenna } = sample;
  const evidence = {
    device_id: deviceId,
    kind: "rfid",
    ts: new Date(ts).toISOString(),
    note: describeReads(visit.sides),
  };
  return {
    key: `seen:${tag}:${deviceId}:${ts}:${antenna}`,
    subject: `tag:${tag}`,
    at: ts,
    type: "seen",
    data: { ...placeRead(visit), direction, ...strengthInside(visit, direction) },
    rule: "tag-presence",
    evidence: [seq < 0 ? evidence : { ...evidence, seq }],
    confidence,
    deviceId,
  };
}

/** What tells the tags of this place from a neighbour's (domain/neighbour-reads.ts). */
function strengthInside({ locationId, sides }: Visit, direction: Direction): { dbm?: number } {
  const peak = (isBelieved(sides.inside) ? sides.inside : sides.here)?.peak ?? null;
  return direction === "in" && locationId !== null && peak !== null ? { dbm: peak } : {};
}
