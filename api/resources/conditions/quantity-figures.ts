import type { Conditions } from "../../../ingest/domain/conditions/bands.ts";
import { windowMsOf } from "../../../ingest/domain/conditions/kinetic-temperature.ts";
import type { ConditionQuantity } from "../../../ingest/domain/fact.ts";
import { complement, lengthMs, type Span, union } from "../../../ingest/domain/spans.ts";
import type { ProbeRecord } from "./probe-record.ts";
import type { QuantityFigures } from "./schema.ts";

const UNITS = { celsius: "°C", humidity: "relative humidity", shock: "g" } as const;

/** A shock is no matter of time: between two readings there may have been one that nobody has measured, gap or not. */
export function gapsOf(quantity: ConditionQuantity, records: readonly ProbeRecord[], whole: readonly Span[]): Span[] {
  if (quantity === "shock") return [];
  return complement(whole, union(records.map(({ figures }) => figures.get(quantity)?.measured ?? [])));
}

/** What all probes together have measured of a quantity, and the verdict on it. */
export function figuresOf(
  quantity: ConditionQuantity,
  records: readonly ProbeRecord[],
  whole: readonly Span[],
  conditions: Conditions,
  now: number,
): QuantityFigures {
  const band = conditions.bands[quantity]!;
  const all = records.flatMap(({ deviceId, figures }) => {
    const found = figures.get(quantity);
    return found === undefined ? [] : [{ deviceId, found }];
  });
  const measuredMs = lengthMs(union(all.map(({ found }) => found.measured)));
  const outMs = lengthMs(union(all.map(({ found }) => found.outside)));
  const gapMs = lengthMs(gapsOf(quantity, records, whole));
  const beyondLimit = all.reduce((sum, { found }) => sum + found.beyondLimit, 0);
  const readings = all.reduce((sum, { found }) => sum + found.readings, 0);
  const last = readings === 0 ? null : Math.max(...all.flatMap(({ found }) => found.last ?? []));
  const isShock = quantity === "shock";
  const hasLimit = band.min !== null || band.max !== null;
  const minutes = (ms: number) => (isShock ? null : ms / 60_000);
  const judged = (ms: number) => (hasLimit ? minutes(ms) : null);
  const kinetic = all.flatMap(({ found }) => found.kineticTemperature() ?? []).sort((a, b) => b.celsius - a.celsius)[0];
  const extreme = (of: "lowest" | "highest", sign: 1 | -1) => {
    const sorted = all.flatMap(({ deviceId, found }) => (found[of] ? [{ ...found[of], deviceId }] : []));
    const [most] = sorted.sort((a, b) => sign * (a.value - b.value));
    return most === undefined ? null : { value: most.value, at: new Date(most.ts), device_id: most.deviceId };
  };
  const isOut = isShock ? beyondLimit > 0 : outMs > 0;
  return {
    quantity,
    unit: UNITS[quantity],
    allowed: band,
    verdict: verdictOf(readings, hasLimit, isOut, gapMs),
    minutes_measured: minutes(measuredMs),
    minutes_in_range: judged(measuredMs - outMs),
    minutes_out_of_range: judged(outMs),
    minutes_in_gaps: minutes(gapMs),
    readings_out_of_range: beyondLimit,
    lowest: extreme("lowest", 1),
    highest: extreme("highest", -1),
    mean_kinetic_temperature: kinetic
      ? {
          celsius: kinetic.celsius,
          window_hours: Math.min(windowMsOf(band.max), kinetic.to - kinetic.from) / 3_600_000,
          from: new Date(kinetic.from),
          to: new Date(kinetic.to),
        }
      : null,
    readings,
    last_reading_at: last === null ? null : new Date(last),
    age_s: last === null ? null : Math.max(0, Math.round((now - last) / 1_000)),
  };
}

function verdictOf(readings: number, hasLimit: boolean, isOut: boolean, gapMs: number): QuantityFigures["verdict"] {
  if (readings === 0) return "not_measured";
  if (!hasLimit) return "no_limit";
  if (isOut) return "out_of_range";
  return gapMs > 0 ? "gaps" : "in_range";
}
