import type { Direction, NewFact } from "../domain/fact.ts";
import { isSamePlace, placeRead, type ReadPlace, type ReadPointMount } from "./sample.ts";
import { isPortal, type Side, type SideReads } from "./tag-reads.ts";

/**
 * A visit of one tag to one reader, and how it ends: tags blink, so a visit lasts as long as silences are no longer than
 * this tag's reads lead one to expect.
 */
export interface TagState {
  visit: Visit | null;
  /** the usual silence between two reads of this tag here, milliseconds; 0 before the second */
  usualSilenceMs: number;
}

export interface Visit extends ReadPlace {
  since: number;
  last: number;
  sides: { [S in Side]?: SideReads };
  /** what has been said of it; null: nothing yet */
  told: Told | null;
}

export interface Told {
  direction: Direction;
  confidence: number;
}

export interface TagContext {
  deviceId: string;
  /** the tag's key: its pure identity URI, or its raw code */
  tag: string;
  readPointAt(ts: number): ReadPointMount | undefined;
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
/** How sure a stray is. */
const STRAY = 0.5;

/** How long a silence is still a blink, milliseconds. */
export function patienceMs({ usualSilenceMs }: TagState, readPoint: ReadPointMount): number {
  const portal = isPortal(readPoint);
  const expected = Math.max(portal ? PORTAL_SILENCE_MS : SHELF_SILENCE_MS, USUAL_SILENCES * usualSilenceMs);
  return Math.min(portal ? MAX_PORTAL_SILENCE_MS : MAX_SHELF_SILENCE_MS, expected);
}

/**
 * The usual silence after a read at `ts`. A silence between visits to a portal is no silence of the reader's; elsewhere it
 * may show that it asks seldom.
 */
export function learnSilence({ visit, usualSilenceMs }: TagState, ts: number, readPoint: ReadPointMount): number {
  if (visit === null || !isSamePlace(visit, readPoint)) return usualSilenceMs;
  const silence = ts - visit.last;
  if (silence > (isPortal(readPoint) ? PORTAL_SILENCE_MS : MAX_SHELF_SILENCE_MS)) return usualSilenceMs;
  return usualSilenceMs === 0 ? silence : Math.round(usualSilenceMs + LEARNING * (silence - usualSilenceMs));
}

/** When the visit is over if no further read comes, epoch milliseconds; undefined when there is none. */
export function visitEndsAt(state: TagState, context: TagContext): number | undefined {
  const { visit } = state;
  const readPoint = visit ? context.readPointAt(visit.last) : undefined;
  return visit && readPoint ? visit.last + patienceMs(state, readPoint) : undefined;
}

/** Names the end of a visit, wherever its reader is said to have been. */
export function visitEndKey({ last, told }: Visit, { deviceId, tag }: TagContext): string {
  return `${told === null ? "strayed" : "gone"}:${tag}:${deviceId}:${last}`;
}

/**
 * What is true when the tag is not read any more: it is gone, or was a stray. Its time is that of the last read and the
 * silence that makes it so; whoever has a clock may publish it then, or the next read does.
 */
export function endOfVisit(state: TagState, context: TagContext): NewFact | undefined {
  const { visit } = state;
  const readPoint = visit ? context.readPointAt(visit.last) : undefined;
  if (visit === null || readPoint === undefined) return undefined;
  const { deviceId, tag } = context;
  const { since, last, sides, told } = visit;
  return {
    key: visitEndKey(visit, context),
    subject: `tag:${tag}`,
    at: last + patienceMs(state, readPoint),
    type: told === null ? "strayed" : "gone",
    data: { ...placeRead(visit), since, last, ...(isPortal(readPoint) && { portal: true as const }) },
    rule: "tag-presence",
    evidence: [{ device_id: deviceId, kind: "rfid", ts: new Date(last).toISOString(), note: describeReads(sides) }],
    confidence: told?.confidence ?? STRAY,
    deviceId,
  };
}

export function describeReads(sides: Visit["sides"]): string {
  return Object.entries(sides)
    .map(([side, { reads, peak }]) => `${reads} ${side}${peak === null ? "" : ` up to ${peak} dBm`}`)
    .join(", ");
}
