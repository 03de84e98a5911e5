import type { ApiClient } from "../platform/api-client.ts";
import type { BookedBox } from "../run/book-cold-boxes.ts";
import type { ColdBox, Span } from "../world/cold-box.ts";

/** What of a report is scored; times ISO 8601. */
export interface ReportRow {
  from: string | null;
  to: string | null;
  quantities: { quantity: string; minutes_out_of_range: number | null }[];
  gaps: { from: string; to: string }[];
}

export interface ConditionsScore {
  boxes: number;
  /** minutes out of range, in truth and as reported */
  truthMinutes: number;
  shownMinutes: number;
  /** boxes whose minutes are off by more than a hundredth of the truth */
  wrong: number;
  /** silences of a logger that the report does not show as a gap from their beginning to their end */
  gapsMissed: number;
  findings: string[];
}

const MINUTE_MS = 60_000;
const MAX_SHARE = 0.01;
/** Of less time out of range a hundredth is less than a reading tells, minutes. */
const LEAST_MINUTES = 15;

/** Compares the reports of the cold boxes with their plans. */
export function scoreConditions(
  reports: readonly { box: ColdBox; report: ReportRow }[],
  endMs: number,
): ConditionsScore {
  const score = { boxes: reports.length, truthMinutes: 0, shownMinutes: 0, wrong: 0, gapsMissed: 0 };
  const findings: string[] = [];
  for (const { box, report } of reports) {
    const until = Math.min(endMs, Date.parse(report.to ?? new Date(endMs).toISOString()));
    const truth = minutesOf(box.outside(until));
    const shown = report.quantities.find(({ quantity }) => quantity === "celsius")?.minutes_out_of_range ?? 0;
    score.truthMinutes += truth;
    score.shownMinutes += shown;
    if (Math.abs(shown - truth) > MAX_SHARE * Math.max(truth, LEAST_MINUTES)) {
      score.wrong += 1;
      findings.push(
        `cold box ${box.number}: ${shown.toFixed(2)} min out of range reported, ${truth.toFixed(2)} in truth`,
      );
    }
    const gaps = report.gaps.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }));
    for (const silence of box.gaps(until)) {
      // One that has only begun is no gap yet.
      const isWhole = silence.to < until && minutesOf([silence]) > 20;
      if (!isWhole || gaps.some(({ from, to }) => from <= silence.from && to >= silence.to)) continue;
      score.gapsMissed += 1;
      findings.push(
        `cold box ${box.number}: the silence from ${new Date(silence.from).toISOString()} is no gap in the report`,
      );
    }
  }
  return { ...score, findings };
}

const minutesOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { from, to }) => sum + (to - from), 0) / MINUTE_MS;

/** Reads the reports of the cold boxes, and scores them. */
export async function readConditions(
  api: ApiClient,
  boxes: readonly BookedBox[],
  endMs: number,
): Promise<ConditionsScore> {
  const reports: { box: ColdBox; report: ReportRow }[] = [];
  for (const { box, shipmentId } of boxes)
    reports.push({ box, report: await api.get<ReportRow>(`/shipments/${shipmentId}/conditions`) });
  return scoreConditions(reports, endMs);
}
