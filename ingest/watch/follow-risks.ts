import type { Pool } from "pg";
import type { Stay } from "../domain/conditions/probe-stays.ts";
import type { NewFact } from "../domain/fact.ts";
import { distanceToEdgeM, type Point } from "../domain/geo/geofence.ts";
import type { FenceIndex } from "../domain/geo/fence-index.ts";
import type { Corridor } from "../domain/risks/corridor.ts";
import { riskFact } from "../domain/risks/risk-fact.ts";
import {
  endRisks,
  NO_RISK,
  type RiskContext,
  type RiskState,
  silenceOf,
  stepRisks,
} from "../domain/risks/risk-rule.ts";
import type { Sample } from "../signals/signal-rule.ts";
import { REORDER_WINDOW_MS } from "../signals/window.ts";
import type { DeviceProgress, MountedDevice } from "../stores/queries/conditions/watched-shipments.ts";
import type { StoredReadings } from "../stores/queries/stored-readings.ts";
import { mergedReadings, type ReadingStream } from "./merged-readings.ts";

/** What was known after the last reading that no other can come before, unless it comes late. */
export interface FollowedRisks {
  /** of the stay, its devices and the route */
  key: string;
  /** late readings of all devices by then */
  late: number;
  state: RiskState;
  /** by stream */
  after: readonly Sample[];
  settledUntil: number;
  facts: readonly NewFact[];
}

/** Before every reading of its millisecond. */
const FIRST_SEQ = -2;
/** How far outside of a geofence is away from it, metres: fixes of what stands at its edge scatter. */
const EDGE_M = 50;

export interface RiskQuestion {
  shipmentId: number;
  corridor: Corridor | undefined;
  /** on a vehicle */
  stay: Stay & { vehicleId: number };
  mounts: readonly MountedDevice[];
  progress: ReadonlyMap<string, DeviceProgress>;
  fences: FenceIndex;
  /** for how long this process could have heard something, milliseconds */
  listeningMs: number;
}

/** The risks of a shipment while one vehicle carries it, from the stored readings: the order in which these have arrived does not matter. */
export async function followRisks(
  stores: { pool: Pool; stored: StoredReadings },
  question: RiskQuestion,
  known: FollowedRisks | undefined,
): Promise<{ facts: NewFact[]; followed: FollowedRisks | undefined }> {
  const { shipmentId, corridor, stay, progress, fences, listeningMs } = question;
  const streams = streamsOf(question);
  const heard = streams.flatMap(({ deviceId }) => progress.get(deviceId) ?? []);
  if (heard.length === 0) return { facts: [], followed: undefined };
  const hasOwnTracker = streams.some(({ of, kind }) => of === "goods" && kind === "gps");
  const context: RiskContext = { corridor, hasOwnTracker, isAway: (point) => isAway(point, fences) };
  const key = JSON.stringify([stay.from, streams.map(({ deviceId, kind, from }) => [deviceId, kind, from]), corridor]);
  const late = heard.reduce((sum, each) => sum + each.late, 0);
  const isSame = known?.key === key;
  const goesOn = isSame && known.late === late && (stay.to === null || known.settledUntil < stay.to);
  const lateUntil = isSame && known.late !== late ? known.settledUntil : Number.NEGATIVE_INFINITY;
  const facts = goesOn ? [...known.facts] : [];
  const after = goesOn ? [...known.after] : streams.map(({ from }): Sample => ({ ts: from, seq: FIRST_SEQ }));
  // A device whose stay is over, and that has been heard since, has nothing more to say.
  const settledUntil = Math.min(
    ...streams.map(({ deviceId, to }) => {
      const newest = (progress.get(deviceId)?.newestTs ?? Number.POSITIVE_INFINITY) - REORDER_WINDOW_MS;
      return to !== null && newest >= to ? Number.POSITIVE_INFINITY : newest;
    }),
  );
  let state = goesOn ? known.state : NO_RISK;
  let followed: FollowedRisks = { key, late, state, after: [...after], settledUntil, facts: [...facts] };
  for await (const { stream, reading } of mergedReadings(stores, streams, after)) {
    const step = stepRisks(state, reading, context);
    state = step.state;
    after[stream] = { ts: reading.ts, seq: reading.seq };
    for (const risk of step.found) {
      const fact = riskFact(risk, shipmentId);
      facts.push(reading.ts <= lateUntil ? { ...fact, late: true } : fact);
    }
    if (reading.ts <= settledUntil)
      followed = {
        ...followed,
        state,
        after: [...after],
        facts: step.found.length === 0 ? followed.facts : [...facts],
      };
  }
  if (stay.to !== null) facts.push(...endRisks(state, stay.to).map((risk) => riskFact(risk, shipmentId)));
  else {
    const tellers = streams.filter(({ of }) => of === "goods" || !hasOwnTracker);
    const silentMs = Math.min(
      listeningMs,
      ...tellers.map(({ deviceId }) => progress.get(deviceId)?.silentMs ?? Infinity),
    );
    const silence = silenceOf(state, silentMs);
    if (silence) facts.push(riskFact(silence, shipmentId));
  }
  return { facts, followed };
}

function streamsOf({ shipmentId, stay, mounts }: RiskQuestion): ReadingStream[] {
  return mounts.flatMap(({ deviceId, on, id, from, to, hasGps, hasEnv }) => {
    const of =
      on === "shipment" && id === shipmentId ? "goods" : on === "vehicle" && id === stay.vehicleId ? "vehicle" : null;
    const time = { from: Math.max(from, stay.from), to: earlier(to, stay.to) };
    if (of === null || (time.to !== null && time.to <= time.from)) return [];
    const stream = (kind: "gps" | "env"): ReadingStream => ({ deviceId, kind, of, ...time });
    return [...(hasGps ? [stream("gps")] : []), ...(hasEnv && of === "goods" ? [stream("env")] : [])];
  });
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);

const isAway = (point: Point, fences: FenceIndex): boolean =>
  fences.near(point).every(({ fence }) => distanceToEdgeM(point, fence) > EDGE_M);
