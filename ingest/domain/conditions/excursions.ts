import type { ConditionQuantity, NewFact } from "../fact.ts";
import { type Band, beyond } from "./bands.ts";
import { type Measured, outsideOf, type Stretch } from "./stretches.ts";

/*
 * How readings become excursions of a shipment:
 *
 * 1. The time between readings is cut into stretches (stretches.ts), and these where a limit is crossed.
 * 2. Pieces outside that follow on each other are one time outside. A gap ends it: nobody knows the value then.
 * 3. Once it has lasted for the minutes that are allowed, it is an excursion: a fact, with the time at which they were over.
 * 4. It is over where the value comes back inside: another fact. An excursion goes on through a gap until a reading shows the value inside,
 *    or the goods leave the probe; the minutes of the gap are not counted as outside.
 * 5. A shock lasts no time: the first reading above the limit is the fact, the first one at or below it its end.
 *
 * Example, a band of 2 to 8 °C with 10 min, and a reading every 6 min: 9 °C at 0, 6 and 12 min is an excursion at 10 min, since 0;
 * 7 °C at 18 min ends it at 15 min.
 */
export interface ExcursionState {
  /** the time outside that goes on, or an excursion that a gap has interrupted */
  run: Run | null;
}

interface Run {
  since: number;
  /** outside without a break up to here */
  to: number;
  worst: number;
  reported: boolean;
}

/** Something to report of one quantity. Epoch milliseconds. */
export interface Excursion {
  type: "excursion" | "excursion_over";
  since: number;
  at: number;
  worst: number;
}

export const NO_EXCURSION: ExcursionState = { run: null };

/** Takes one stretch of time. */
export function addStretch(
  { run: before }: ExcursionState,
  stretch: Stretch,
  band: Band,
): { state: ExcursionState; found: Excursion[] } {
  if (stretch.kind === "gap") return { state: { run: before?.reported ? before : null }, found: [] };
  const found: Excursion[] = [];
  let run = before;
  const pieces = outsideOf(stretch, band);
  const end = (at: number) => {
    if (run?.reported) found.push({ type: "excursion_over", since: run.since, at, worst: run.worst });
    run = null;
  };
  if (run !== null && pieces[0]?.from !== stretch.from) end(Math.max(run.to, stretch.from));
  for (const { from, to, worst } of pieces) {
    if (run !== null && from !== stretch.from) end(run.to);
    run =
      run === null
        ? { since: from, to, worst, reported: false }
        : { ...run, to, worst: beyond(worst, band) > beyond(run.worst, band) ? worst : run.worst };
    const at = run.since + band.minutes * 60_000;
    if (!run.reported && run.to >= at && run.to > run.since) {
      run = { ...run, reported: true };
      found.push({ type: "excursion", since: run.since, at, worst: run.worst });
    }
    if (to < stretch.to) end(to);
  }
  return { state: { run }, found };
}

/** Takes one shock. */
export function addShock(
  { run: before }: ExcursionState,
  { ts, value }: Measured,
  band: Band,
): { state: ExcursionState; found: Excursion[] } {
  if (beyond(value, band) > 0) {
    const worst = Math.max(value, before?.worst ?? value);
    const state = { run: { since: before?.since ?? ts, to: ts, worst, reported: true } };
    return { state, found: before === null ? [{ type: "excursion", since: ts, at: ts, worst: value }] : [] };
  }
  return { state: NO_EXCURSION, found: endOf(before, ts) };
}

/** The goods have left the probe. */
export function endExcursion({ run }: ExcursionState, at: number): Excursion[] {
  return endOf(run, at);
}

const endOf = (run: Run | null, at: number): Excursion[] =>
  run?.reported ? [{ type: "excursion_over", since: run.since, at, worst: run.worst }] : [];

/** Temperatures and the like are measured to a few per cent at best, and the goods follow the air slowly. */
const CONFIDENCE = 0.95;

/** The fact of an excursion. @param readAt time of the reading that showed it */
export function excursionFact(
  { type, since, at, worst }: Excursion,
  about: { shipmentId: number; deviceId: string; quantity: ConditionQuantity; band: Band; readAt: number },
): NewFact {
  const { shipmentId, deviceId, quantity, band, readAt } = about;
  const common = {
    key: `${type === "excursion" ? "excursion" : "excursion-over"}:${shipmentId}:${deviceId}:${quantity}:${since}`,
    subject: `shipment:${shipmentId}` as const,
    at,
    rule: "excursions",
    evidence: [{ device_id: deviceId, kind: "env", ts: new Date(readAt).toISOString() }],
    confidence: CONFIDENCE,
    deviceId,
    signal: "env",
    concludedAt: Math.max(at, readAt),
  };
  if (type === "excursion_over") return { ...common, type, data: { quantity, since, worst } };
  return { ...common, type, data: { quantity, since, worst, ...band } };
}
