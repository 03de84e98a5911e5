import type { NewFact } from "../domain/fact.ts";
import type { SignalRule, Sample } from "./signal-rule.ts";

/**
 * Temperatures that goods must not have, for longer than they stand it. An excursion is a fact from the minute it has
 * lasted too long; its end is another. Silence is a gap: it neither ends an excursion nor proves that one went on.
 */
export interface EnvSample extends Sample {
  /** absent when the probe measured something else */
  celsius?: number | undefined;
}

/** What a shipment stands: `conditions` of the contract. */
export interface TemperatureBand {
  minCelsius?: number | undefined;
  maxCelsius?: number | undefined;
  /** outside for longer than this is an excursion, minutes */
  minutes: number;
}

export interface ExcursionState {
  /** the stretch outside the band that is going on */
  outside: { since: number; last: number; worstCelsius: number; told: boolean } | null;
}

export interface ExcursionContext {
  deviceId: string;
  shipmentId: number;
  /** what holds for the shipment at that time; undefined while it is not where the probe is */
  bandAt(ts: number): TemperatureBand | undefined;
}

/** Between two readings further apart nobody knows the temperature, milliseconds. */
const GAP_MS = 15 * 60_000;

export const excursionRule: SignalRule<EnvSample, ExcursionState, ExcursionContext> = {
  initial: { outside: null },
  step(state, { ts, celsius }, context) {
    const band = context.bandAt(ts);
    if (celsius === undefined) return { state, facts: [], quality: "ok" };
    const before = state.outside;
    const isOutside = band !== undefined && beyond(celsius, band) > 0;
    if (!isOutside) {
      const facts = before?.told ? [ended(before, ts, context)] : [];
      return { state: { outside: null }, facts, quality: "ok" };
    }
    const goesOn = before !== null && (before.told || ts - before.last <= GAP_MS);
    const worstCelsius = goesOn ? worse(before.worstCelsius, celsius, band) : celsius;
    const outside = { since: goesOn ? before.since : ts, last: ts, worstCelsius, told: goesOn && before.told };
    const tooLongAt = outside.since + band.minutes * 60_000;
    if (outside.told || ts < tooLongAt) return { state: { outside }, facts: [], quality: "ok" };
    const fact = begun(outside, tooLongAt, band, context);
    return { state: { outside: { ...outside, told: true } }, facts: [fact], quality: "ok" };
  },
};

/** Kelvin beyond the nearer limit; negative within the band. */
function beyond(celsius: number, { minCelsius = -Infinity, maxCelsius = Infinity }: TemperatureBand): number {
  return Math.max(minCelsius - celsius, celsius - maxCelsius);
}

function worse(a: number, b: number, band: TemperatureBand): number {
  return beyond(b, band) > beyond(a, band) ? b : a;
}

function begun(
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
    data: { since, worstCelsius, minCelsius: minCelsius ?? null, maxCelsius: maxCelsius ?? null, minutes },
    rule: "excursion",
    evidence: [since, last].map((ts) => ({ device_id: deviceId, kind: "env", ts: new Date(ts).toISOString() })),
    confidence: 0.95,
    deviceId,
  };
}

function ended(
  { since, worstCelsius }: NonNullable<ExcursionState["outside"]>,
  at: number,
  { deviceId, shipmentId }: ExcursionContext,
): NewFact {
  return {
    key: `excursion-over:${shipmentId}:${deviceId}:${since}`,
    subject: `shipment:${shipmentId}`,
    at,
    type: "excursion_over",
    data: { since, worstCelsius },
    rule: "excursion",
    evidence: [{ device_id: deviceId, kind: "env", ts: new Date(at).toISOString() }],
    confidence: 0.95,
    deviceId,
  };
}
