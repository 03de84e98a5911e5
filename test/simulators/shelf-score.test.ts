import { describe, expect, test } from "vitest";
import { createGroundTruth, type GroundTruth } from "../../simulators/score/ground-truth.ts";
import { type ReportedCount, scoreShelfHistory } from "../../simulators/score/shelf-history.ts";
import { createShelfEvaluator } from "../../simulators/score/shelf-score.ts";

const START = Date.UTC(2026, 4, 4, 6);

describe("shelves", () => {
  const REORDER_POINT = 20;
  const seconds = (after: number): number => START + after * 1000;

  /** A shelf of 50 pieces; three are picked after 100 s. */
  function evaluatorOf(quantity = 50) {
    const truth: GroundTruth = createGroundTruth([{ number: 1, quantity }], START);
    truth.record({
      at: seconds(100),
      type: "shelf-changed",
      shelf: 1,
      quantity: quantity - 3,
      pieces: -3,
      isScanned: true,
    });
    return createShelfEvaluator(
      (number) => truth.shelf(number),
      () => REORDER_POINT,
    );
  }

  test("are compared with the truth once they have settled", () => {
    const evaluator = evaluatorOf();
    const ask = (quantity: number, secondsIn: number) =>
      evaluator.addAnswer({ shelf: 1, quantity, readingWindow: [seconds(secondsIn), seconds(secondsIn) + 500] });
    ask(50, 60); // right
    ask(50, 110); // the hand is hardly out
    ask(47, 140); // right
    ask(46, 150); // one off
    expect(evaluator.result([])).toMatchObject({
      settled: 3,
      exact: 2,
      findings: ["shelf 1 at 06:02:30: shown 46, truly 47"],
    });
  });

  test.each([
    ["less is shown than there ever was", 50, { quantity: 12, available: 12 }, 1],
    ["more is said to be reserved than is", 50, { quantity: 50, available: 20 }, 1],
    ["it is low", 18, { quantity: 18, available: 18 }, 0],
    ["there is enough", 50, { quantity: 50, available: 21 }, 0],
  ])("are falsely low or not: %s", (_, truly, shown, falselyLow) => {
    const evaluator = evaluatorOf(truly);
    evaluator.addLiveStock({ shelf: 1, ...shown, measuredAt: seconds(50) });
    expect(evaluator.result([]).falselyLow).toBe(falselyLow);
  });

  test("may be low when the pick happens now", () => {
    const evaluator = evaluatorOf(REORDER_POINT + 2);
    const shown = { shelf: 1, quantity: REORDER_POINT - 1, available: REORDER_POINT - 1 };
    evaluator.addLiveStock({ ...shown, measuredAt: seconds(90) });
    evaluator.addLiveStock({ ...shown, measuredAt: seconds(101) });
    expect(evaluator.result([]).falselyLow).toBe(1);
  });

  test("may show a quantity at the end that is at most 30 s old", () => {
    const wrongAtEnd = (quantity: number, secondsIn: number) =>
      evaluatorOf().result([{ shelf: 1, quantity, readingWindow: [seconds(secondsIn), seconds(secondsIn)] }])
        .wrongAtEnd;
    expect([wrongAtEnd(50, 110), wrongAtEnd(47, 110), wrongAtEnd(47, 200)]).toEqual([0, 0, 0]);
    expect([wrongAtEnd(50, 200), wrongAtEnd(48, 110)]).toEqual([1, 1]);
  });

  /** Scores `counts` as one hour's history of a shelf that holds 50 pieces, and 47 from 100 s on. */
  function historyOf(...counts: [secondsIn: number, quantity: number][]) {
    const truths = [
      { at: START, quantity: 50 },
      { at: seconds(100), quantity: 47 },
    ];
    const asTold = counts.map(([at, quantity]): ReportedCount => ({
      at: new Date(seconds(at)).toISOString(),
      quantity,
    }));
    return scoreShelfHistory([{ shelf: 1, counts: asTold, truths, reorderPoint: REORDER_POINT }], seconds(3_600));
  }

  test("are scored by their history in all settled time", () => {
    expect(historyOf([5, 50], [108, 47])).toMatchObject({
      settledMs: 3_540_000,
      share: 1,
      falselyLow: 0,
      findings: [],
    });
    // The 30 s grace period is not counted; the next 40 s are wrong.
    const late = historyOf([5, 50], [170, 47]);
    expect(late).toMatchObject({ settledMs: 3_540_000, exactMs: 3_500_000 });
    expect(late.findings).toEqual(["shelf 1, 40 s from 06:02:10: reported 50, truly 47"]);
    expect(historyOf([5, 50]).exactMs).toBe(70_000);
    expect(historyOf().findings[0]).toMatch(/reported nothing, truly 50/);
  });

  test("are a finding even when they are low only for a moment", () => {
    expect(historyOf([5, 50], [60, 12], [62, 50], [108, 47])).toMatchObject({ exactMs: 3_538_000, falselyLow: 1 });
  });
});
