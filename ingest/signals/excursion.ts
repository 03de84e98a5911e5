import type { NewFact } from "../domain/fact.ts";
import type { Sample, SignalRule } from "./signal-rule.ts";

/*
 * How temperature readings become excursions of a shipment:
 *
 * 1. A reading is compared with the band of the shipment that was with the probe at that time.
 * 2. The excursion starts with the first reading outside the band. A gap of more than 15 min between two readings
 *    outside starts again: nobody knows the temperature in it.
 * 3. Once it has lasted for the minutes that the band allows, it is a fact, with the time at which they were over.
 * 4. The first reading inside the band, or after the shipment has left the probe, ends it: another fact. A gap does not.
 *
 * Example, a band of 2 to 8 °C with 10 min: 9 °C at 0, 6 and 12 min is an excursion at 10 min; 7 °C at 24 min ends it.
 */
export interface EnvSample extends Sample {
  /** absent when the probe measured something else */
  celsius?: number | undefined;
}

/** The temperatures a shipment allows (`conditions` of the API). */
export interface TemperatureBand {
  minCelsius?: number | undefined;
  maxCelsius?: number | undefined;
  /** longer than this outside the band is an excursion, minutes */
  minutes: number;
}

export interface ExcursionState {
  /** the time outside the band that is going on; `reported`: it is a fact already */
  outside: { since: number; last: number; worstCelsius: number; reported: boolean } | null;
}

export interface ExcursionContext {
  deviceId: string;
  shipmentId: number;
  /** the band at that time; undefined while the shipment is not with the probe */
  bandAt(ts: number): TemperatureBand | undefined;
}

const GAP_MS = 15 * 60_000;
const CONFIDENCE = 0.95;

export const excursionRule: SignalRule<EnvSample, ExcursionState, ExcursionContext> = {
  initial: { outside: null },
  step(state, { ts, celsius }, context) {
    const band = context.bandAt(ts);
    if (celsius === undefined) return { state, facts: [], quality: "ok" };
    const before = state.outside;
    const isOutside = band !== undefined && kelvinBeyond(celsius, band) > 0;
    if (!isOutside) {
      const facts = before?.reported ? [endFact(before, ts, context)] : [];
      return { state: { outside: null }, facts, quality: "ok" };
    }
    const continues = before !== null && (before.reported || ts - before.last <= GAP_MS);
    const outside = {
      since: continues ? before.since : ts,
      last: ts,
      worstCelsius: continues ? worse(before.worstCelsius, celsius, band) : celsius,
      reported: continues && before.reported,
    };
    const tooLongAt = outside.since + band.minutes * 60_000;
    if (outside.reported || ts < tooLongAt) return { state: { outside }, facts: [], quality: "ok" };
    const fact = excursionFact(outside, tooLongAt, band, context);
    return { state: { outside: { ...outside, reported: true } }, facts: [fact], quality: "ok" };
  },
};

/** Kelvin beyond the nearer limit; negative within the band. */
function kelvinBeyond(celsius: number, { minCelsius = -Infinity, maxCelsius = Infinity }: TemperatureBand): number {
  return Math.max(minCelsius - celsius, celsius - maxCelsius);
}

function worse(a: number, b: number, band: TemperatureBand): number {
  return kelvinBeyond(b, band) > kelvinBeyond(a, band) ? b : a;
}

function excursionFact(
  { since, last, worstCelsius }: NonNullable<ExcursionState["outside"]>,
  at: number,
  band: TemperatureBand,
  { deviceId, shipmentId }: ExcursionContext,
): NewFact {
  const { minCelsius, maxCelsius, minutes } = band;
  return {
    key: `excursion:${shipmentId}:${deviceId}:${since}`,
    subject: `shipment:${shipmentId}`,
    at,
    type: "excursion",
    data: {
      quantity: "celsius",
      since,
      worst: worstCelsius,
      min: minCelsius ?? null,
      max: maxCelsius ?? null,
      minutes,
    },
    rule: "excursion",
    evidence: [since, last].map((ts) => ({ device_id: deviceId, kind: "env", ts: new Date(ts).toISOString() })),
    confidence: CONFIDENCE,
    deviceId,
  };
}

function endFact(
  { since, worstCelsius }: NonNullable<ExcursionState["outside"]>,
  at: number,
  { deviceId, shipmentId }: ExcursionContext,
): NewFact {
  return {
    key: `excursion-over:${shipmentId}:${deviceId}:${since}`,
    subject: `shipment:${shipmentId}`,
    at,
    type: "excursion_over",
    data: { quantity: "celsius", since, worst: worstCelsius },
    rule: "excursion",
    evidence: [{ device_id: deviceId, kind: "env", ts: new Date(at).toISOString() }],
    confidence: CONFIDENCE,
    deviceId,
  };
}
