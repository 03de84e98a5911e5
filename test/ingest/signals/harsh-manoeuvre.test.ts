import { describe, expect, test } from "vitest";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { createFenceIndex } from "../../../ingest/domain/geo/fence-index.ts";
import { type GpsSample, positionRule } from "../../../ingest/signals/position.ts";
import { vehicleDataRule, type VehicleSample } from "../../../ingest/signals/vehicle-data.ts";
import { detect, emptyWindow } from "../../../ingest/signals/window.ts";

const START = Date.UTC(2026, 2, 2, 8);
const METRES_PER_DEGREE = 111_195;
const context = { deviceId: "tracker", fences: createFenceIndex([]), vehicleAt: () => ({ vehicleId: 7 }) };

/** Fixes of a vehicle that drives north with these speeds (m/s), `seconds` apart; each may say something else of its own. */
function drive(speeds: readonly number[], seconds = 1, told: Record<number, Partial<GpsSample>> = {}): GpsSample[] {
  let north = 0;
  return speeds.map((speed, index) => {
    if (index > 0) north += ((speeds[index - 1]! + speed) / 2) * seconds;
    const place = { lat: 48 + north / METRES_PER_DEGREE, lon: 11 };
    return { ts: START + index * seconds * 1_000, seq: index, ...place, accuracy: 5, speed, ...told[index] };
  });
}

const harsh = (samples: readonly GpsSample[]): Extract<NewFact, { type: "harsh_driving" }>[] =>
  detect(positionRule, emptyWindow(positionRule), positionRule.initial, samples, context).added.filter(
    (fact) => fact.type === "harsh_driving",
  );

const BRAKING = [20, 20, 20, 15.8, 11.6, 8, 8, 8];

describe("harsh driving by the speeds of fixes", () => {
  test("a harsh braking is one, however many fixes it takes", () => {
    expect(harsh(drive(BRAKING))).toMatchObject([
      { subject: "vehicle:7", at: START + 3_000, data: { manoeuvre: "braking", g: 0.43, fromKmh: 72, toKmh: 57 } },
    ]);
    expect(harsh(drive([25, 25, 7, 7, 7], 4))).toMatchObject([{ data: { manoeuvre: "braking", g: 0.46 } }]);
  });

  test("a harsh acceleration too; what drivers do all day is neither", () => {
    expect(harsh(drive([5, 5, 8.6, 12.2, 12.2]))).toMatchObject([{ data: { manoeuvre: "acceleration" } }]);
    expect(harsh(drive([20, 20, 18, 16, 14, 12, 10, 8]))).toEqual([]);
    expect(harsh(drive([5, 5, 7, 9, 11, 13, 13]))).toEqual([]);
  });

  test("fixes that are further apart tell of none", () => {
    expect(harsh(drive([30, 30, 1, 1, 1], 6))).toEqual([]);
  });

  test("an old speed that is told again, and then is right, is no braking", () => {
    // The vehicle has stopped smoothly while its tracker went on telling 20 m/s.
    const standing = drive([2, 0, 0, 0, 0, 0, 0], 1, { 0: { speed: 20 }, 1: { speed: 20 }, 2: { speed: 20 } });
    expect(harsh(standing)).toEqual([]);
    const far = drive([20, 20, 20, 0, 0, 0], 4, { 3: { speed: 20 } });
    expect(harsh(far)).toEqual([]);
  });

  test("one wrong speed, up or down, is none", () => {
    const even = [15, 15, 15, 15, 15, 15, 15];
    for (const speed of [0, 5, 9, 22, 30]) expect(harsh(drive(even, 1, { 3: { speed } }))).toEqual([]);
    for (const speed of [0, 5, 30]) expect(harsh(drive(even, 4, { 3: { speed } }))).toEqual([]);
  });

  test("a fix that jumps is none, and neither is one that nobody vouches for", () => {
    const jump = drive([15, 15, 15, 15, 15, 15, 15]);
    const jumped = jump.map((fix, at) => (at === 3 ? { ...fix, lat: fix.lat + 0.0006, speed: 25 } : fix));
    expect(harsh(jumped)).toEqual([]);
    expect(harsh(drive(BRAKING).map((fix) => ({ ...fix, accuracy: 400 })))).toEqual([]);
    // No road vehicle brakes like that.
    expect(harsh(drive([30, 30, 15, 15, 15]))).toEqual([]);
  });

  test("is the same in any order of arrival", () => {
    const fixes = drive(BRAKING);
    const shuffled = [5, 1, 0, 3, 2, 7, 4, 6].map((at) => fixes[at]!);
    let [window, current] = [emptyWindow(positionRule), positionRule.initial];
    const facts = new Map<string, NewFact>();
    for (const fix of shuffled) {
      const step = detect(positionRule, window, current, [fix], context);
      ({ window, current } = step);
      for (const { key } of step.withdrawn) facts.delete(key);
      for (const fact of step.added) facts.set(fact.key, fact);
    }
    expect([...facts.values()].filter(({ type }) => type === "harsh_driving")).toMatchObject([{ at: START + 3_000 }]);
  });
});

describe("what a device tells of its vehicle", () => {
  const tell = (second: number, told: Partial<VehicleSample>): VehicleSample => ({
    ...{ ts: START + second * 1_000, seq: -1, driver: undefined, harsh: undefined, harshG: undefined },
    ...told,
  });
  const facts = (samples: readonly VehicleSample[], vehicleAt = context.vehicleAt as () => typeof mount | undefined) =>
    detect(vehicleDataRule, emptyWindow(vehicleDataRule), vehicleDataRule.initial, samples, {
      deviceId: "tracker",
      vehicleAt,
    }).added.map(({ at, data }) => [(at - START) / 1_000, data]);
  const mount = { vehicleId: 7 };

  test("a harsh manoeuvre that is told again at once is one", () => {
    const braking = { manoeuvre: "braking", g: 0.5, by: "device" };
    const told = [0, 1, 2, 20].map((second) => tell(second, { harsh: "braking", harshG: 0.5 }));
    expect(facts(told)).toEqual([
      [0, braking],
      [20, braking],
    ]);
    expect(facts(told, () => undefined)).toEqual([]);
  });

  test("a driver signs on once, and is told of again after six hours", () => {
    const told = [0, 60, 3 * 3_600, 7 * 3_600].map((second) => tell(second, { driver: "A" }));
    expect(facts([...told, tell(8 * 3_600, {}), tell(8 * 3_600 + 1, { driver: "B" })])).toEqual([
      [0, { token: "A" }],
      [7 * 3_600, { token: "A", since: START }],
      [8 * 3_600 + 1, { token: "B" }],
    ]);
    // A card that was out for six hours is put in again: that is another sign-on.
    const again = tell(13 * 3_600 + 1, { driver: "A" });
    expect(facts([...told, again]).at(-1)).toEqual([13 * 3_600 + 1, { token: "A" }]);
  });
});
