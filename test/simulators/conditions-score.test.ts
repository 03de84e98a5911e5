import { expect, test } from "vitest";
import { conditionsOf } from "../../ingest/domain/conditions/bands.ts";
import { ProbeFigures } from "../../ingest/domain/conditions/figures.ts";
import { addReading, endWalk, type WalkState } from "../../ingest/domain/conditions/probe-walk.ts";
import { complement, lengthMs } from "../../ingest/domain/spans.ts";
import { createLogger } from "../../simulators/devices/logger.ts";
import { type ReportRow, scoreConditions } from "../../simulators/score/conditions-score.ts";
import { COLD_BOX_LIMITS, type ColdBox, createColdBoxes } from "../../simulators/world/cold-box.ts";

const START = Date.UTC(2026, 4, 4, 6);
const MINUTE = 60_000;
const iso = (ts: number): string => new Date(ts).toISOString();

/** What a correct platform reports of a box whose logger is read every `everyS` seconds. */
function reportOf(box: ColdBox, endMs: number, everyS: number): ReportRow {
  const conditions = conditionsOf({ celsius: COLD_BOX_LIMITS })!;
  const logger = createLogger(box, { id: `logger-${box.number}`, seed: 5 });
  const figures = new ProbeFigures("celsius", conditions.bands.celsius!);
  const listener = {
    onStretch: (_: string, stretch: Parameters<ProbeFigures["addStretch"]>[0]) => figures.addStretch(stretch),
  };
  let state: WalkState = {};
  let last = START;
  for (let ts = START; ts < endMs; ts += everyS * 1_000) {
    const reading = logger.measure!(ts);
    if (reading === undefined) continue;
    state = addReading(state, reading, conditions, START, listener);
    last = ts;
  }
  endWalk(state, conditions, { from: START, to: last }, false, listener);
  return {
    ...{ from: iso(START), to: iso(last) },
    quantities: [{ quantity: "celsius", minutes_out_of_range: lengthMs(figures.outside) / MINUTE }],
    gaps: complement([{ from: START, to: last }], figures.measured).map(({ from, to }) => ({
      from: iso(from),
      to: iso(to),
    })),
  };
}

test.each([30, 150])(
  "a correct report of readings every %i s is within a hundredth of the plan, with all gaps",
  (everyS) => {
    const endMs = START + 7 * 60 * MINUTE;
    const reports = createColdBoxes(4, START).map((box) => ({ box, report: reportOf(box, endMs, everyS) }));
    const score = scoreConditions(reports, endMs);
    expect(score).toMatchObject({ boxes: 4, wrong: 0, gapsMissed: 0, findings: [] });
    expect(score.truthMinutes).toBeGreaterThan(300);
    expect(Math.abs(score.shownMinutes / score.truthMinutes - 1)).toBeLessThan(0.005);
  },
);

test("minutes that are off by more than a hundredth, and silences called in range, are found", () => {
  const endMs = START + 115 * MINUTE;
  const [box] = createColdBoxes(1, START) as [ColdBox];
  const report = reportOf(box, endMs, 30);
  const [celsius] = report.quantities;
  const wrong = { ...report, gaps: [], quantities: [{ ...celsius!, minutes_out_of_range: 40.6 }] };
  expect(scoreConditions([{ box, report: wrong }], endMs)).toMatchObject({ wrong: 1, gapsMissed: 1 });
});
