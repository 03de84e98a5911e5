import { describe, expect, test } from "vitest";
import type { ReadPointMount } from "../../../ingest/signals/sample.ts";
import type { TagSample } from "../../../ingest/signals/tag-presence.ts";
import { follow, insideOnly, plain, read, times, reportOf } from "./tag-facts.ts";

describe("a tag at a read point without sides", () => {
  test.each<[string, TagSample[], string[]]>([
    ["is only heard by one strong read", [read(0, 1, -50)], ["heard"]],
    ["is only heard by one read of unknown strength", [read(0, 1)], ["heard"]],
    ["is only heard by two weak reads", times(2, 300, 1, -70), ["heard"]],
    ["is there by two strong reads", times(2, 300, 1, -60), ["in 0.7", "gone"]],
    ["is there by three weak reads", times(3, 300, 1, -70), ["in 0.85", "gone"]],
    ["is there by one report of several weak reads", [read(0, 1, -70, 4)], ["in 0.85", "gone"]],
    ["is reported once, and once more when that is firm", times(50, 500, 1, -50), ["in 0.7", "in 0.85", "gone"]],
    ["is heard twice by two reads far apart", [read(0, 1, -50), read(700_000, 1, -50)], ["heard", "heard"]],
  ])("%s", (_, reads, expected) => {
    expect(reportOf(reads, plain)).toEqual(expected);
    expect(reportOf(reads, insideOnly)).toEqual(expected);
  });

  test("is gone 60 s after its last read", () => {
    const facts = follow(times(3, 1000, 1, -50), plain);
    expect(facts.at(-1)).toMatchObject({
      type: "gone",
      at: 62_000,
      concludedAt: 62_000,
      data: { since: 0, last: 2000 },
    });
  });

  test("is read aboard a vehicle, and gone from it", () => {
    const aboard: ReadPointMount = { locationId: null, vehicleId: 9, antennas: {} };
    expect(follow(times(2, 1000, 1, -50), aboard).map(({ type, data }) => [type, data])).toEqual([
      ["seen", { locationId: null, vehicleId: 9, direction: "in", reads: 2, rssiDbm: -50 }],
      ["gone", { locationId: null, vehicleId: 9, since: 0, last: 1000, reads: 2, rssiDbm: -50 }],
    ]);
  });

  test("has one dwell when its reader polls every two minutes, once that is known", () => {
    expect(reportOf(times(100, 120_000, 1, -50), plain)).toEqual(["heard", "in 0.7", "in 0.85", "gone"]);
  });
});
