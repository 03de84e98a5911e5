import fc from "fast-check";
import { expect, test } from "vitest";
import { drivenDistance, oneVehicleDrives, stopsBetween } from "../../../ingest/domain/vehicle/drives.ts";

const drive = (deviceId: string, from: number, to: number, trackM = 1_000) => ({ deviceId, from, to, trackM });

test("drives of two trackers that overlap are one, that of the tracker that has seen most of it", () => {
  const seen = [
    drive("b", 0, 600),
    drive("a", 10, 590),
    drive("a", 1_000, 1_500),
    drive("b", 1_200, 1_400),
    drive("b", 1_600, 1_700),
  ];
  expect(oneVehicleDrives(seen).map(({ deviceId, from }) => [deviceId, from])).toEqual([
    ["b", 0],
    ["a", 1_000],
    ["b", 1_600],
  ]);
  expect(stopsBetween(oneVehicleDrives(seen))).toMatchObject([
    { from: 600, to: 1_000, after: { deviceId: "b", from: 0 } },
    { from: 1_500, to: 1_600, after: { deviceId: "a", from: 1_000 } },
  ]);
});

test("any order of drives gives the same, none overlaps, and all stops lie between them", () => {
  const some = fc.array(
    fc
      .tuple(fc.constantFrom("a", "b", "c"), fc.nat(500), fc.integer({ min: 1, max: 80 }))
      .map(([deviceId, from, lasts]) => drive(deviceId, from, from + lasts)),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(some, fc.infiniteStream(fc.nat()), (seen, order) => {
      const drives = oneVehicleDrives(seen);
      const mixed = seen.map((each) => ({ each, at: order.next().value ?? 0 })).toSorted((a, b) => a.at - b.at);
      expect(oneVehicleDrives(mixed.map(({ each }) => each))).toEqual(drives);
      for (const [at, { from }] of drives.slice(1).entries()) expect(from).toBeGreaterThanOrEqual(drives[at]!.to);
      for (const { from, to } of stopsBetween(drives)) {
        expect(to).toBeGreaterThan(from);
        expect(drives.some((other) => other.from < to && other.to > from)).toBe(false);
      }
    }),
  );
});

test.each([
  ["known at both ends", { atStartM: 50_000, atEndM: 61_000 }, { distanceM: 11_000, source: "odometer" }],
  ["not known at the end", { atStartM: 50_000, atEndM: null }, { distanceM: 10_000, source: "track" }],
  ["going back", { atStartM: 50_000, atEndM: 49_000 }, { distanceM: 10_000, source: "track" }],
  ["of another vehicle", { atStartM: 50_000, atEndM: 9_000_000 }, { distanceM: 10_000, source: "track" }],
] as const)("the distance by an odometer %s", (_, stand, distance) => {
  expect(drivenDistance({ trackM: 10_000 }, stand)).toEqual(distance);
});
