import type { NewFact } from "../domain/fact.ts";
import type { Sample } from "./signal-rule.ts";
import { describeDoubt, type Doubt } from "./scale-doubt.ts";

/** The facts that scale-count.ts derives from one reading. */

export interface CountedWeight {
  quantity: number;
  /** distance from a whole number, units */
  residual: number;
  grams: number;
  zeroUnits: number;
}

/** @param change how many pieces were put (positive) or taken; undefined for the first count, and with a new tare or unit weight */
export function countedFact(
  sample: Sample,
  stockId: number,
  { quantity, residual, grams, zeroUnits }: CountedWeight,
  change: number | undefined,
  deviceId: string,
): NewFact {
  const note = `${grams.toFixed(1)} g, ${residual.toFixed(2)} pieces off a whole number, zero off by ${zeroUnits.toFixed(2)}`;
  return {
    key: `counted:${stockId}:${deviceId}:${sample.ts}:${sample.seq}`,
    ...common(sample, stockId, note, deviceId),
    type: "counted",
    data: { quantity, source: "scale", ...(change !== undefined && { change }) },
    rule: "scale-count",
    confidence: Math.round((1 - residual) * 100) / 100,
  };
}

export function suspectFact(sample: Sample, doubt: Doubt, deviceId: string): NewFact {
  const { problem, since, stockId } = doubt;
  const detail = describeDoubt(doubt);
  return {
    key: `suspect:${problem}:${stockId}:${deviceId}:${since}`,
    ...common(sample, stockId, detail, deviceId),
    type: "sensor_suspect",
    data: { source: "scale", problem, since, detail },
    rule: "scale-doubt",
    confidence: 1,
  };
}

export function trustedFact(sample: Sample, { problem, since, stockId }: Doubt, deviceId: string): NewFact {
  return {
    key: `trusted:${problem}:${stockId}:${deviceId}:${since}`,
    ...common(sample, stockId, "the weight is a whole number of pieces again", deviceId),
    type: "sensor_trusted",
    data: { source: "scale", problem, since },
    rule: "scale-doubt",
    confidence: 1,
  };
}

export interface CountedShelf {
  stockId: number;
  tareGrams: number;
  quantity: number;
}

/** The count is another one only because the tare is. */
export function retaredFact(sample: Sample, before: CountedShelf, after: CountedShelf, deviceId: string): NewFact {
  const detail =
    `the tare changed from ${before.tareGrams.toFixed(1)} g to ${after.tareGrams.toFixed(1)} g, ` +
    `and with it the count from ${before.quantity} to ${after.quantity}: was the shelf empty when it was tared?`;
  return askedAfterTare(sample, after.stockId, detail, deviceId);
}

/** The scale had shown less than the empty shelf since `doubt.since`, and the count is another one now. */
export function zeroedFact(
  sample: Sample,
  doubt: Doubt,
  counted: { before: number; after: number },
  deviceId: string,
): NewFact {
  const minutes = Math.max(1, Math.round((sample.ts - doubt.since) / 60_000));
  const detail =
    `the scale showed less than the empty shelf for ${minutes} min, and then ${counted.after} pieces instead of ` +
    `${counted.before}: was the shelf taken off and filled, or the scale zeroed by hand with goods on it?`;
  return askedAfterTare(sample, doubt.stockId, detail, deviceId);
}

function askedAfterTare(sample: Sample, stockId: number, detail: string, deviceId: string): NewFact {
  return {
    key: `suspect:retared:${stockId}:${deviceId}:${sample.ts}`,
    ...common(sample, stockId, detail, deviceId),
    type: "sensor_suspect",
    data: { source: "scale", problem: "retared", since: sample.ts, detail },
    rule: "scale-doubt",
    confidence: 1,
  };
}

function common({ ts }: Sample, stockId: number, note: string, deviceId: string) {
  return {
    subject: `stock:${stockId}` as const,
    at: ts,
    evidence: [{ device_id: deviceId, kind: "scale", ts: new Date(ts).toISOString(), note }],
    deviceId,
  };
}
