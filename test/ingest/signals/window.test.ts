import fc from "fast-check";
import { expect, test } from "vitest";
import { createFenceIndex } from "../../../ingest/domain/geo/fence-index.ts";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { type GpsSample, positionRule } from "../../../ingest/signals/position.ts";
import {
  emptyWindow,
  currentState,
  MAX_WINDOW_SAMPLES,
  REORDER_WINDOW_MS,
  detect,
} from "../../../ingest/signals/window.ts";

const context = {
  deviceId: "truck",
  fences: createFenceIndex([
    { locationId: 1, fence: { shape: "circle", centre: { lat: 48, lon: 11 }, radiusM: 200 } },
    { locationId: 2, fence: { shape: "circle", centre: { lat: 48.01, lon: 11 }, radiusM: 200 } },
  ]),
  vehicleAt: () => ({ vehicleId: 7 }),
};

/** A truck that shuttles along a meridian past both fences, one fix a second. */
const fix = (i: number, lat: number): GpsSample => ({ ts: 1_000_000 + i * 1000, seq: i, lat, lon: 11, accuracy: 5 });
const drive = fc
  .array(fc.double({ min: -0.0003, max: 0.0004, noNaN: true }), { minLength: 2, maxLength: 80 })
  .map((steps) => {
    let lat = 48;
    return steps.map((step, i) => fix(i, (lat += step)));
  });

/** Moves samples by some positions and cuts them into batches, as networks do. */
const arrivals = drive.chain((samples) =>
  fc.record({
    samples: fc.constant(samples),
    jitter: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: samples.length, maxLength: samples.length }),
    cuts: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: samples.length, maxLength: samples.length }),
    restart: fc.boolean(),
  }),
);

function batches(samples: GpsSample[], jitter: number[], cuts: number[]): GpsSample[][] {
  const row = samples
    .map((sample, i) => ({ sample, place: i + jitter[i]! }))
    .sort((a, b) => a.place - b.place)
    .map(({ sample }) => sample);
  const result: GpsSample[][] = [];
  for (let i = 0; row.length > 0; i += 1) result.push(row.splice(0, cuts[i] ?? 1));
  return result;
}

/** The facts that remain at the end, and the state. */
function follow(incoming: GpsSample[][], restart: boolean): { facts: string[]; state: unknown } {
  let window = emptyWindow(positionRule);
  let current = window.base;
  const facts = new Map<string, NewFact>();
  for (const batch of incoming) {
    if (restart) {
      window = JSON.parse(JSON.stringify(window)) as typeof window;
      current = currentState(positionRule, window, context);
    }
    const detected = detect(positionRule, window, current, batch, context);
    expect(detected.late).toEqual([]);
    for (const fact of detected.withdrawn) facts.delete(fact.key);
    for (const fact of detected.added) facts.set(fact.key, fact);
    ({ window, current } = detected);
  }
  return { facts: [...facts.keys()].sort(), state: current };
}

test("any order within the window, any batches and any restart end in the same facts and state", () => {
  fc.assert(
    fc.property(arrivals, ({ samples, jitter, cuts, restart }) => {
      const truth = follow(
        samples.map((sample) => [sample]),
        false,
      );
      expect(follow(batches(samples, jitter, cuts), restart)).toEqual(truth);
    }),
    { numRuns: 2_000 },
  );
});

test("the window stays within its bounds, and returns older samples as late data", () => {
  let window = emptyWindow(positionRule);
  let current = window.base;
  for (let i = 0; i < 200; i += 1) {
    ({ window, current } = detect(positionRule, window, current, [{ ...fix(i, 48), ts: i * 100 }], context));
    expect(window.samples.length).toBeLessThanOrEqual(MAX_WINDOW_SAMPLES);
  }
  const old = { ...fix(0, 48), ts: 50 };
  expect(detect(positionRule, window, current, [old], context).late).toEqual([old]);
  const later = detect(positionRule, window, current, [{ ...fix(201, 48), ts: 20_000 + REORDER_WINDOW_MS }], context);
  expect(later.window.samples.every(({ ts }) => ts >= 20_000)).toBe(true);
  expect(JSON.stringify(later.window).length).toBeLessThan(4096);
});
