import type { NewFact } from "../../../ingest/domain/fact.ts";
import type { ReadPointMount } from "../../../ingest/signals/sample.ts";
import { dwellEndFact } from "../../../ingest/signals/tag-dwell.ts";
import { tagPresenceRule, type TagSample } from "../../../ingest/signals/tag-presence.ts";

const HALL = 5;
export const portal: ReadPointMount = { locationId: HALL, antennas: { 1: "inside", 2: "outside" } };
export const insideOnly: ReadPointMount = { locationId: HALL, antennas: { 1: "inside" } };
export const plain: ReadPointMount = { locationId: HALL, antennas: {} };

/** The facts of these reads, and of the silence after them. */
export function follow(reads: readonly TagSample[], readPoint: ReadPointMount): NewFact[] {
  const context = { deviceId: "gate", tag: "urn:epc:id:sscc:4012345.0000000001", readPointAt: () => readPoint };
  let state = tagPresenceRule.initial;
  const facts = reads.flatMap((read) => {
    const step = tagPresenceRule.step(state, read, context);
    state = step.state;
    return step.facts;
  });
  const end = dwellEndFact(state, context);
  return end ? [...facts, end] : facts;
}

export const read = (ts: number, antenna: number, rssi?: number, count?: number): TagSample => ({
  ts,
  seq: -1,
  antenna,
  ...(rssi !== undefined && { rssi }),
  ...(count !== undefined && { count }),
});

export function reportOf(reads: readonly TagSample[], readPoint: ReadPointMount): string[] {
  return follow(reads, readPoint).map((fact) =>
    fact.type === "seen" ? `${fact.data.direction} ${fact.confidence}` : fact.type,
  );
}

export const times = (count: number, everyMs: number, antenna: number, rssi: number): TagSample[] =>
  Array.from({ length: count }, (_, index) => read(index * everyMs, antenna, rssi));
