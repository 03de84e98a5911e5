import type { Schemas } from "../../../../client/index.ts";

export type Report = Schemas["ConditionReport"];
export type Figures = Report["quantities"][number];

/** Seconds, and one column of values for each probe: null breaks its line, undefined is a time of another probe. */
export type ChartData = [times: number[], ...values: (number | null | undefined)[][]];

/** The document tells of three numbers each, and its types of any. */
type Point = [ts: number, low: number, high: number];

/** What a chart of one quantity shows: the lowest and the highest value of each part of the time, and nothing in gaps. */
export function chartData(report: Report, quantity: Figures["quantity"], scale: number): ChartData {
  const lines = report.series.filter((each) => each.quantity === quantity);
  const gaps = report.gaps.filter((each) => each.quantity === quantity).map(({ from }) => Date.parse(from));
  const columns = lines.map(({ points }) => {
    const column = new Map<number, number | null>();
    let before: number | undefined;
    for (const [ts, low, high] of points as Point[]) {
      if (before !== undefined && gaps.some((at) => at >= before! && at < ts)) column.set(ts - 1, null);
      column.set(ts, low * scale);
      if (high !== low) column.set(ts + 1, high * scale);
      before = ts;
    }
    return column;
  });
  const times = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b);
  return [times.map((ts) => ts / 1_000), ...columns.map((column) => times.map((ts) => column.get(ts)))];
}
