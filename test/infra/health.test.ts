import { expect, test } from "vitest";
import { believedHealth, HealthBoard } from "../../infra/supervisor/health.ts";

const board = new HealthBoard();
board.add({ broker: { ok: true, detail: 3 }, journal: { ok: false, detail: "full" } }, 1_000);
board.add({ ingest: { ok: false, degraded: true, detail: "a store does not accept readings" } }, 3_000);

test("a report that says all is well is believed for 4 s, counted on both sides of the channel", () => {
  expect(believedHealth(board.reports(3_000), 1_900)["broker"]).toEqual({ ok: true, detail: 3 });
  expect(believedHealth(board.reports(3_000), 2_100)["broker"]).toEqual({ ok: false, detail: "no report for 4 s" });
  expect(believedHealth(board.reports(5_100), 0)["broker"]).toEqual({ ok: false, detail: "no report for 4 s" });
});

test("a silent part that was only degraded is not ready either; one that was not ok keeps its reason", () => {
  const late = believedHealth(board.reports(9_000), 0);
  expect(late["ingest"]).toEqual({ ok: false, detail: "no report for 6 s" });
  expect(late["journal"]).toEqual({ ok: false, detail: "full" });
});
