import { describe, expect, test } from "vitest";
import { createFenceIndex } from "../../../ingest/domain/geo/fence-index.ts";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { distanceM, type Point, pointAt } from "../../../ingest/domain/geo/geofence.ts";
import { type GpsSample, positionRule } from "../../../ingest/signals/position.ts";
import { emptyWindow, detect } from "../../../ingest/signals/window.ts";
import { sampleData } from "../../fixtures/sample-data.ts";
import { createNoise } from "./noise.ts";

/** A real drive at 1 Hz (2014): traffic lights, a motorway, and one gap of 468 m within a second. */
const LENGTH_M = 13_647;

describe("a recorded drive", () => {
  const drive = readDrive(sampleData("munich-drive/munich-drive.json"));
  const [first, last] = [drive[0]!, drive.at(-1)!];
  const fences = createFenceIndex([
    { locationId: 1, fence: { shape: "circle", centre: first, radiusM: 150 } },
    { locationId: 2, fence: { shape: "circle", centre: last, radiusM: 150 } },
  ]);
  const context = { deviceId: "bmw", fences, vehicleAt: () => ({ vehicleId: 7 }) };

  test("has its length and its fence crossings", () => {
    const facts = follow(drive);
    expect(crossings(facts)).toEqual(["arrived 1", "departed 1", "arrived 2"]);
    expect(Math.abs(lengthOf(facts) / LENGTH_M - 1)).toBeLessThan(0.02);
  });

  test.each(Array.from({ length: 25 }, (_, i) => i + 1))(
    "has the same length and crossings with 15 m of noise and one outlier in twenty, seed %i",
    (seed) => {
      const facts = follow(disturbed(drive, seed));
      expect(crossings(facts)).toEqual(["arrived 1", "departed 1", "arrived 2"]);
      expect(Math.abs(lengthOf(facts) / LENGTH_M - 1)).toBeLessThan(0.02);
    },
  );

  test("fits in the stored state of a device", () => {
    const { window } = detect(
      positionRule,
      emptyWindow(positionRule),
      positionRule.initial,
      disturbed(drive, 1),
      context,
    );
    expect(JSON.stringify(window).length).toBeLessThan(4096);
  });

  function follow(samples: readonly GpsSample[]): NewFact[] {
    let window = emptyWindow(positionRule);
    let current = window.base;
    const facts = new Map<string, NewFact>();
    for (const sample of samples) {
      const detected = detect(positionRule, window, current, [sample], context);
      ({ window, current } = detected);
      for (const fact of detected.added) facts.set(fact.key, fact);
    }
    return [...facts.values()];
  }
});

/** With a stop of one minute before and of ten minutes after it, so that the drive is a trip. */
function readDrive(text: string): GpsSample[] {
  const fixes = (JSON.parse(text) as { point: string; time: string }[]).map(({ point, time }): GpsSample => {
    const [lon, lat] = point.match(/-?\d+\.\d+/g)!.map(Number) as [number, number];
    return { ts: Date.parse(time.replace(" ", "T").replace(/(\d\d)$/, ":$1")), seq: -1, lat, lon };
  });
  const stopAt = (at: GpsSample, seconds: number[]) => seconds.map((s) => ({ ...at, ts: at.ts + s * 1000 }));
  return [
    ...stopAt(
      fixes[0]!,
      Array.from({ length: 60 }, (_, i) => i - 60),
    ),
    ...fixes,
    ...stopAt(
      fixes.at(-1)!,
      Array.from({ length: 600 }, (_, i) => i + 1),
    ),
  ];
}

function disturbed(drive: readonly GpsSample[], seed: number): GpsSample[] {
  const { uniform, gaussian } = createNoise(seed);
  return drive.map((fix) => {
    const outlier = uniform() < 0.05;
    const [far, angle] = [100 + uniform() * 3000, uniform() * 2 * Math.PI];
    const moved: Point = outlier
      ? pointAt(fix, far * Math.cos(angle), far * Math.sin(angle))
      : pointAt(fix, 15 * gaussian(), 15 * gaussian());
    return { ...fix, ...moved };
  });
}

function crossings(facts: readonly NewFact[]): string[] {
  return facts.flatMap(({ type, data }) =>
    type === "arrived" || type === "departed" ? [`${type} ${data.locationId}`] : [],
  );
}

/** The length of all trips, and of the gaps between the end of one and the start of the next. */
function lengthOf(facts: readonly NewFact[]): number {
  let length = 0;
  let end: Point | undefined;
  for (const fact of facts) {
    if (fact.type !== "trip") continue;
    length += fact.data.distanceM + (end ? distanceM(end, fact.data.from) : 0);
    end = fact.data.to;
  }
  return length;
}
