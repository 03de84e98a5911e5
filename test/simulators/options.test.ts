import { expect, test } from "vitest";
import { DEFAULT_FAULTS, SCORE_FAULTS } from "../../simulators/devices/faults.ts";
import { demoOptions } from "../../simulators/cli/demo-options.ts";
import { HANDLING_KINDS } from "../../simulators/world/handling.ts";
import { parseOptions } from "../../simulators/cli/options.ts";

const NOW = Date.UTC(2026, 4, 4, 6);
const read = (...argv: string[]) => parseOptions(argv, NOW);

test("without options: a small world in real time, with the noise of good hardware", () => {
  expect(read()).toMatchObject({ trucks: 10, speed: 1, startMs: NOW, durationMs: Infinity, qos: 1, score: false });
  expect(read().faults).toEqual(DEFAULT_FAULTS);
  expect(read().handling).toEqual(HANDLING_KINDS);
});

test.each([
  [["--late", "5%"], { faults: { late: 0.05 } }],
  [["--drop=0.02"], { faults: { drop: 0.02 } }],
  [["--clock-skew", "90s"], { faults: { clockSkewMs: 90_000 } }],
  [["--duration", "5m"], { durationMs: 300_000 }],
  [["--duration", "250ms"], { durationMs: 250 }],
  [["--start", "-20m"], { startMs: NOW - 1_200_000 }],
  [["--start", "2026-05-04T07:00:00+02:00"], { startMs: NOW - 3_600_000 }],
  [["--handling", "gate,api"], { handling: ["api", "gate"] }],
  [["--speed", "max"], { speed: Infinity }],
  [["--speed", "0.5"], { speed: 0.5 }],
  [["--rate", "1000", "--qos", "0", "--batch", "50"], { rate: 1000, qos: 0, batch: 50 }],
])("parses %j", (argv, expected) => {
  expect(parseOptions(argv, NOW)).toMatchObject(expected);
});

test.each([
  [["--truks", "3"], "unknown option --truks; did you mean --trucks?"],
  [["--bananas"], "unknown option --bananas; --help lists the options"],
  [["five"], 'unexpected "five"; every option begins with --'],
  [["--trucks"], "--trucks needs N"],
  [["--trucks", "-1"], "--trucks"],
  [["--trucks", "2.5"], '--trucks: expected a whole number, not "2.5"'],
  [["--batch", "0"], "--batch: expected 1 or more"],
  [["--late", "120%"], '--late: expected 0% to 100%, not "120%"'],
  [["--handling", "gate,drones"], "--handling: expected some of api,gate,"],
  [["--qos", "3"], '--qos: expected 0, 1 or 2, not "3"'],
  [["--duration", "soon"], '--duration: expected a time such as 90s, 5m or 250ms, not "soon"'],
  [["--start", "yesterday"], '--start: expected ISO 8601 or a time ago such as -20m, not "yesterday"'],
  [["--score", "--url", "mqtt://localhost"], "--score needs --api URL beside --url"],
])("rejects %j with an explanation", (argv, message) => {
  expect(() => parseOptions(argv, NOW)).toThrow(message);
  expect(() => parseOptions(argv, NOW)).toThrow(TypeError);
});

test("a score defaults to one hour of a large world with all faults", () => {
  const scored = read("--score", "--api", "http://localhost:8080", "--trucks", "20", "--drop", "0");
  expect(scored).toMatchObject({ score: true, trucks: 20, gates: 40, shelves: 300, speed: 60 });
  expect(scored.startMs).toBe(NOW - 3_600_000);
  expect(scored.faults).toEqual({ ...SCORE_FAULTS, drop: 0 });
  expect(scored.untilMs).toBe(NOW);
  const half = read("--score", "--api", "http://localhost:8080", "--duration", "30m");
  expect(half).toMatchObject({ durationMs: Infinity, untilMs: NOW - 1_800_000 });
});

test("a fault option without a value uses its default rate", () => {
  const road = ["--late", "--dup", "--reorder", "--drop", "--stray-tags"];
  const noise = ["--read-rate", "--gps-noise", "--scale-noise", "--drift"];
  expect(read("--trucks", "20", ...road, ...noise).faults).toEqual(SCORE_FAULTS);
  expect(read("--late", "5%", "--reorder", "--drop", "4%", "--no-fix", "--clock-skew").faults).toMatchObject({
    ...{ late: 0.05, reorder: 0.02, drop: 0.04, noFix: 0.01, clockSkewMs: 30_000 },
  });
});

test("the demo's options are valid", () => {
  expect(parseOptions(demoOptions, NOW)).toMatchObject({ speed: Infinity, score: false });
});
