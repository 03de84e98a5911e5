import { expect, test } from "vitest";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-03-01T08:00:00Z");

/** A machine whose wall clock can be set. */
function machine() {
  let [wall, monotonic] = [START, 5_000];
  const clock = new ReceiptClock({ wall: () => wall, monotonic: () => monotonic });
  return {
    clock,
    wall: () => wall,
    pass(ms: number) {
      wall += ms;
      monotonic += ms;
    },
    set(ms: number) {
      wall += ms;
      return clock.observe();
    },
  };
}

test("without a step the difference of the stamps counts, and a node that is ahead proves nothing", () => {
  const { clock, wall, pass } = machine();
  pass(20_000);
  expect(clock.observe()).toBe(0);
  expect(clock.elapsedMs(START, wall())).toBe(20_000);
  expect(clock.elapsedMs(START + HOUR, wall())).toBe(0);
  expect(clock.sinceStepMs()).toBe(Number.POSITIVE_INFINITY);
});

test.each([1, -1])("set by %i h: a silence counts from the step, a receipt after it from itself", (hours) => {
  const { clock, wall, pass, set } = machine();
  pass(10_000);
  expect(set(hours * HOUR)).toBe(hours * HOUR);
  expect(clock.elapsedMs(START, wall())).toBe(0);
  pass(15_000);
  const received = wall();
  pass(25_000);
  expect(clock.observe()).toBe(0);
  expect(clock.elapsedMs(START, wall())).toBe(40_000);
  expect(clock.elapsedMs(START + 9_000, wall())).toBe(40_000);
  expect(clock.elapsedMs(received, wall())).toBe(25_000);
});

test("set back twice: stamps of both times before are known", () => {
  const { clock, wall, pass, set } = machine();
  set(-HOUR);
  pass(10_000);
  set(-HOUR);
  pass(5_000);
  expect(clock.elapsedMs(START - 1_000, wall())).toBe(5_000);
  expect(clock.elapsedMs(START - HOUR + 9_000, wall())).toBe(5_000);
});

test("a slewed clock is no step, however far it goes", () => {
  const { clock, pass, set } = machine();
  for (let second = 0; second < 100; second += 1) {
    pass(1_000);
    expect(set(200)).toBe(0);
  }
  expect(clock.sinceStepMs()).toBe(Number.POSITIVE_INFINITY);
});
