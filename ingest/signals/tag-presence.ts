import type { Direction, NewFact } from "../domain/fact.ts";
import type { Rule, Sample } from "./rule.ts";
import type { ReadPointMount } from "./sample.ts";
import { addRead, directionOf, isBelieved, isPortal, isStill, type Side, type SideReads, sideOf } from "./tag-reads.ts";

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

/** A visit ends after a silence this long, milliseconds: of a tag carried through a portal, or lying at a read point. */
const PORTAL_SILENCE_MS = 5_000;
const SHELF_SILENCE_MS = 60_000;
/** … or after so many times the usual silence between its reads (ln 1/δ with δ = 0.001: SMURF, Jeffery et al. 2006), */
const USUAL_SILENCES = 7;
/** … but never longer than this. */
const MAX_PORTAL_SILENCE_MS = 30_000;
const MAX_SHELF_SILENCE_MS = 600_000;
/** Share of the newest silence in the usual one. */
const LEARNING = 0.25;
const FIRM_READS = 3;
const CONFIDENCE = { order: 0.9, loneOrder: 0.75, firm: 0.85, lone: 0.7, unknown: 0.5 };

export interface TagState {
  visit: Visit | null;
  /** the usual silence between two reads of this tag here, milliseconds; 0 before the second */
  usualSilenceMs: number;
}

interface Visit {
  locationId: number;
  since: number;
  last: number;
  sides: { [S in Side]?: SideReads };
  /** what has been said of it; null: nothing yet */
  told: Told | null;
}

interface Told {
  direction: Direction;
  confidence: number;
}

export interface TagContext {
  deviceId: string;
  /** the tag's key: its pure identity URI, or its raw code */
  tag: string;
  readPointAt(ts: number): ReadPointMount | undefined;
}

export const tagPresenceRule: Rule<TagSample, TagState, TagContext> = {
  initial: { visit: null, usualSilenceMs: 0 },
  step(state, sample, context) {
    const readPoint = context.readPointAt(sample.ts);
    if (readPoint === undefined) return { state, facts: [], quality: "ok" };
    const over = state.visit !== null && !goesOn(state, state.visit, sample, readPoint);
    const usualSilenceMs = learn(state, sample, readPoint);
    const visit = enter(over ? null : state.visit, sample, readPoint);
    const facts = over ? endOfVisit(state, readPoint, context) : [];
    const news = whatIsNew(visit, readPoint, sample);
    if (news === undefined) return { state: { visit, usualSilenceMs }, facts, quality: "ok" };
    facts.push(sighting(visit, news, sample, context));
    return { state: { visit: { ...visit, told: news }, usualSilenceMs }, facts, quality: "ok" };
  },
};

function goesOn(state: TagState, visit: Visit, { ts }: TagSample, readPoint: ReadPointMount): boolean {
  return visit.locationId === readPoint.locationId && ts - visit.last <= patienceMs(state, readPoint);
}

/** How long a silence is still a blink. */
function patienceMs({ usualSilenceMs }: TagState, readPoint: ReadPointMount): number {
  const portal = isPortal(readPoint);
  const expected = Math.max(portal ? PORTAL_SILENCE_MS : SHELF_SILENCE_MS, USUAL_SILENCES * usualSilenceMs);
  return Math.min(portal ? MAX_PORTAL_SILENCE_MS : MAX_SHELF_SILENCE_MS, expected);
}

/** A silence between visits to a portal is no silence of the reader's; elsewhere it may show that it asks seldom. */
function learn({ visit, usualSilenceMs }: TagState, { ts }: TagSample, readPoint: ReadPointMount): number {
  if (visit === null || visit.locationId !== readPoint.locationId) return usualSilenceMs;
  const silence = ts - visit.last;
  if (silence > (isPortal(readPoint) ? PORTAL_SILENCE_MS : MAX_SHELF_SILENCE_MS)) return usualSilenceMs;
  return usualSilenceMs === 0 ? silence : Math.round(usualSilenceMs + LEARNING * (silence - usualSilenceMs));
}

function enter(visit: Visit | null, sample: TagSample, readPoint: ReadPointMount): Visit {
  const side = sideOf(readPoint, sample.antenna);
  const sides = { ...visit?.sides, [side]: addRead(visit?.sides[side], sample) };
  const { locationId } = readPoint;
  return { locationId, since: visit?.since ?? sample.ts, last: sample.ts, sides, told: visit?.told ?? null };
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
  { locationId, sides }: Visit,
  { direction, confidence }: Told,
  sample: TagSample,
  { deviceId, tag }: TagContext,
): NewFact {
  const { ts, seq, antenna } = sample;
  const evidence = { device_id: deviceId, kind: "rfid", ts: new Date(ts).toISOString(), note: describe(sides) };
  return {
    key: `seen:${tag}:${deviceId}:${ts}:${antenna}`,
    subject: `tag:${tag}`,
    at: ts,
    type: "seen",
    data: { locationId, direction },
    rule: "tag-presence",
    evidence: [seq < 0 ? evidence : { ...evidence, seq }],
    confidence,
    deviceId,
  };
}

/**
 * What is true when the tag is not read any more: it is gone, or was a stray. Its time is that of the last read and the
 * silence that makes it so; whoever has a clock may publish it then, or the next read does.
 */
function endOfVisit(state: TagState, readPoint: ReadPointMount, { deviceId, tag }: TagContext): NewFact[] {
  const { visit } = state;
  if (visit === null) return [];
  const { locationId, since, last, sides, told } = visit;
  const type = told === null ? "strayed" : "gone";
  return [
    {
      key: `${type}:${tag}:${deviceId}:${last}`,
      subject: `tag:${tag}`,
      at: last + patienceMs(state, readPoint),
      type,
      data: { locationId, since, last, ...(isPortal(readPoint) && { portal: true as const }) },
      rule: "tag-presence",
      evidence: [{ device_id: deviceId, kind: "rfid", ts: new Date(last).toISOString(), note: describe(sides) }],
      confidence: told?.confidence ?? CONFIDENCE.unknown,
      deviceId,
    },
  ];
}

function describe(sides: Visit["sides"]): string {
  return Object.entries(sides)
    .map(([side, { reads, peak }]) => `${reads} ${side}${peak === null ? "" : ` up to ${peak} dBm`}`)
    .join(", ");
}
