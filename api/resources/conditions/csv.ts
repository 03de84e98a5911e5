import { csvLines } from "../../tables/csv-text.ts";
import type { ConditionReport } from "./schema.ts";

/** Minutes to a tenth of a second, temperatures to a hundredth of a degree. */
export const rounded = (value: number | null, digits: number): number | null =>
  value === null ? null : Math.round(value * 10 ** digits) / 10 ** digits;

const minutesOf = (from: Date, to: Date | null): number | null =>
  to === null ? null : rounded((to.getTime() - from.getTime()) / 60_000, 3);

/** The report as lines of a table: first the figures, then every excursion and every gap. */
export function csvOf(report: ConditionReport): Uint8Array {
  const head = ["what", "quantity", "value", "unit", "from", "to", "minutes", "device_id"];
  const { tracking_number, product_name, from, to, generated_at } = report;
  const lines: unknown[][] = [
    ["shipment", "", tracking_number, "", from, to, "", ""],
    ["product", "", product_name, "", "", "", "", ""],
    ["report_made_at", "", generated_at, "", "", "", "", ""],
    ["longer_silence_is_a_gap", "", report.gap_minutes, "min", "", "", "", ""],
  ];
  for (const figures of report.quantities) {
    const { quantity, unit, allowed, lowest, highest, mean_kinetic_temperature: mkt } = figures;
    const line = (what: string, value: unknown, ofUnit: string, rest: unknown[] = ["", "", "", ""]) =>
      lines.push([what, quantity, value, value === null ? "" : ofUnit, ...rest]);
    line("verdict", figures.verdict, "");
    const hasLimit = figures.verdict !== "no_limit";
    if (hasLimit) {
      line("allowed_min", allowed.min, unit);
      line("allowed_max", allowed.max, unit);
      line("allowed_minutes_outside", allowed.minutes, "min");
    }
    for (const what of ["minutes_measured", "minutes_in_range", "minutes_out_of_range", "minutes_in_gaps"] as const)
      if (figures[what] !== null) line(what, rounded(figures[what], 3), "min");
    line("readings", figures.readings, "readings");
    if (hasLimit) line("readings_out_of_range", figures.readings_out_of_range, "readings");
    for (const [what, extreme] of Object.entries({ lowest, highest }))
      if (extreme) line(what, extreme.value, unit, [extreme.at, "", "", extreme.device_id]);
    if (mkt) {
      const minutes = rounded(mkt.window_hours * 60, 3);
      line("mean_kinetic_temperature", rounded(mkt.celsius, 2), unit, [mkt.from, mkt.to, minutes, ""]);
    }
    line("last_reading", figures.last_reading_at, "");
  }
  for (const { quantity, device_id, from: begin, to: end, worst } of report.excursions)
    lines.push(["excursion", quantity, worst, unitOf(report, quantity), begin, end, minutesOf(begin, end), device_id]);
  for (const { quantity, from: begin, to: end } of report.gaps)
    lines.push(["gap", quantity, "", "", begin, end, minutesOf(begin, end), ""]);
  return csvLines([head, ...lines]);
}

export const unitOf = ({ quantities }: ConditionReport, quantity: string): string =>
  quantities.find((each) => each.quantity === quantity)?.unit ?? "";
