import { describe, expect, test } from "vitest";
import { accuracyOf, assessFix, NO_FIXES } from "../../../ingest/signals/fix-quality.ts";

const fix = { ts: 1000, lat: 48.1, lon: 11.5 };

describe("the quality of a fix by its accuracy", () => {
  test.each<[string, { accuracy?: number; satellites?: number }, string, number]>([
    ["a stated accuracy", { accuracy: 8 }, "ok", 8],
    ["a poor one", { accuracy: 150 }, "approx", 150],
    ["none, and nothing else", {}, "approx", 30],
    ["0 m, which is none", { accuracy: 0 }, "approx", 30],
    ["none, with many satellites", { satellites: 9 }, "ok", 10],
    ["none, with too few satellites for a place", { satellites: 3 }, "approx", 30],
    ["a stated one, with few satellites", { accuracy: 8, satellites: 3 }, "ok", 8],
    ["no satellites at all", { accuracy: 8, satellites: 0 }, "nofix", 8],
  ])("%s", (_, stated, quality, metres) => {
    expect(assessFix(NO_FIXES, { ...fix, ...stated }).quality).toBe(quality);
    expect(accuracyOf({ ...fix, ...stated })).toBe(metres);
  });

  test("a fix without any is accepted: such trackers arrive and depart too", () => {
    expect(assessFix(NO_FIXES, fix).accepted).toBe(true);
  });
});
