import { expect, test } from "vitest";
import { RefusalLimit } from "../../infra/runtime/refusal-limit.ts";

const HOUR_MS = 3_600_000;

test("of a source and hour the first hundred are recorded, the rest are counted every ten minutes", () => {
  const limit = new RefusalLimit();
  const admitted = Array.from({ length: 1_000 }, (_, at) => limit.admit("d", "publish", at)).filter(Boolean);
  expect(admitted).toHaveLength(100);
  expect(limit.takeCounts(599_000)).toEqual([]);
  expect(limit.takeCounts(601_000)).toEqual([{ source: "d", action: "publish", times: 900 }]);
  expect(limit.takeCounts(1_300_000)).toEqual([]);
  expect(limit.admit("d", "publish", HOUR_MS + 1)).toBe(true);
});

test("any number of sources records at most 5,000 an hour, and is counted under at most 1,001 names", () => {
  const limit = new RefusalLimit();
  let admitted = 0;
  for (let at = 0; at < 200_000; at += 1) admitted += Number(limit.admit(`stranger ${at % 20_000}`, "connect", at));
  expect(admitted).toBeLessThanOrEqual(5_000);
  const counts = limit.takeCounts(HOUR_MS, true);
  expect(counts.length).toBeLessThanOrEqual(1_001);
  expect(admitted + counts.reduce((sum, { times }) => sum + times, 0)).toBe(200_000);
});

test("what is counted when the process ends is not lost", () => {
  const limit = new RefusalLimit();
  for (let at = 0; at < 101; at += 1) limit.admit("d", "publish", at);
  expect(limit.takeCounts(200, true)).toEqual([{ source: "d", action: "publish", times: 1 }]);
});
