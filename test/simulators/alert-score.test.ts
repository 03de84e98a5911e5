import { describe, expect, test } from "vitest";
import { type AlertEvaluator, createAlertEvaluator, type ScoredAlert } from "../../simulators/score/alert-score.ts";
import { scoreRestock } from "../../simulators/score/restock-score.ts";

const START = Date.UTC(2026, 4, 4, 6);
const REORDER_POINT = 20;
const MINUTE = 60_000;

describe("alerts of a shelf", () => {
  let onItsWay = { pieces: 0, times: 0 };

  /** A shelf that truly holds so many. */
  function shelfOf(quantity: number) {
    onItsWay = { pieces: 0, times: 0 };
    return createAlertEvaluator(
      () => [{ at: START, quantity }],
      () => REORDER_POINT,
      () => onItsWay,
    );
  }
  const level = (evaluator: AlertEvaluator, available: number, now: number) =>
    evaluator.addLiveStock({ shelf: 1, stockId: 7, available }, now);
  const alert = (evaluator: AlertEvaluator, type: ScoredAlert, now: number, id = 1, state = "open") =>
    evaluator.addAlert(
      { id, type, state, inventory_item_id: 7, happened_at: new Date(START + 5 * MINUTE).toISOString() },
      now,
    );

  test.each<[string, ScoredAlert, number, number, object]>([
    ["at once", "out_of_stock", 0, 1_500, { causes: 1, inTime: 1, missing: 0, slowestMs: 1_500 }],
    ["too late", "out_of_stock", 0, 2_500, { causes: 1, inTime: 0, missing: 0, slowestMs: 2_500 }],
    ["after its hold", "low_stock", 15, MINUTE + 900, { causes: 1, inTime: 1, missing: 0, slowestMs: 900 }],
    [
      "too late after its hold",
      "low_stock",
      15,
      MINUTE + 2_100,
      { causes: 1, inTime: 0, missing: 0, slowestMs: 2_100 },
    ],
  ])("comes %s", (_, type, quantity, afterMs, expected) => {
    const evaluator = shelfOf(quantity);
    level(evaluator, quantity, 1_000);
    level(evaluator, quantity, 1_200);
    alert(evaluator, type, 1_000 + afterMs);
    alert(evaluator, type, 1_000 + afterMs, 1, "acknowledged");
    expect(evaluator.result(200_000)).toMatchObject({ kinds: { [type]: expected }, falsely: 0 });
  });

  test.each([
    ["the level rose again in time", 30, 1_000, 0],
    ["the level was at its limit for too long", 30, 2_500, 1],
    ["it is at its limit at the end", 0, 2_500, 1],
  ])("does not come: %s", (_, then, afterMs, missing) => {
    const evaluator = shelfOf(0);
    level(evaluator, 0, 1_000);
    level(evaluator, then, 1_000 + afterMs);
    expect(evaluator.result(1_000 + afterMs).kinds.out_of_stock).toMatchObject({ missing, causes: missing });
  });

  test("is none where there truly was enough", () => {
    const evaluator = shelfOf(25);
    level(evaluator, 15, 0);
    alert(evaluator, "low_stock", MINUTE);
    expect(evaluator.result(MINUTE)).toMatchObject({
      falsely: 1,
      findings: ["shelf 1 at 06:05:00: falsely low_stock"],
    });
  });

  test("is not awaited while enough is on its way, or was sent meanwhile", () => {
    const evaluator = shelfOf(15);
    onItsWay = { pieces: 6, times: 1 };
    level(evaluator, 15, 0);
    expect(evaluator.result(2 * MINUTE).kinds.low_stock.missing).toBe(0);
    onItsWay = { pieces: 0, times: 1 };
    level(evaluator, 15, 2 * MINUTE);
    onItsWay = { pieces: 6, times: 2 };
    expect(evaluator.result(4 * MINUTE).kinds.low_stock.missing).toBe(0);
    onItsWay = { pieces: 0, times: 2 };
    level(evaluator, 15, 4 * MINUTE);
    expect(evaluator.result(6 * MINUTE).kinds.low_stock.missing).toBe(1);
  });

  test("may come before the level that it follows from", () => {
    const evaluator = shelfOf(0);
    alert(evaluator, "out_of_stock", 100);
    level(evaluator, 0, 900);
    expect(evaluator.result(9_000).kinds.out_of_stock).toMatchObject({ causes: 1, inTime: 1, missing: 0 });
  });

  test("that is over may come again", () => {
    const evaluator = shelfOf(0);
    level(evaluator, 0, 0);
    alert(evaluator, "out_of_stock", 100);
    // The stream shows the level after the end of the alert that follows from it.
    alert(evaluator, "out_of_stock", 5_000, 1, "resolved");
    level(evaluator, 9, 5_100);
    level(evaluator, 0, 9_000);
    alert(evaluator, "out_of_stock", 9_100, 2);
    expect(evaluator.result(20_000).kinds.out_of_stock).toMatchObject({ causes: 2, inTime: 2, missing: 0 });
  });
});

test("each shortage has one draft", () => {
  const short = (...ids: number[]) => ids.map((id) => ({ id }));
  const drafts = [7, 7, null, 9].map((made_for, id) => ({ id, made_for }));
  expect(scoreRestock(short(7, 8), drafts)).toEqual({ shortages: 2, undrafted: 1, doubled: 1 });
});
