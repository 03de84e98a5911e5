import { createRequire } from "node:module";
import PDFDocument from "pdfkit";
import { rounded, unitOf } from "./csv.ts";
import { drawChart } from "./pdf-chart.ts";
import type { ConditionReport, QuantityFigures } from "./schema.ts";

/** The fonts of every PDF reader have no letters beyond Western Europe's. */
const FONT = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");
const MARGIN = 48;
const NAMES = { celsius: "Temperature", humidity: "Humidity", shock: "Shock" } as const;
const VERDICTS = {
  in_range: "In range all the time",
  out_of_range: "Out of range",
  gaps: "In range as far as it was measured, with gaps",
  not_measured: "Not measured",
  no_limit: "No limit is set",
} as const;

/** The report to hand to the client: A4, with the figures, a chart of each quantity, and every excursion and gap. Times are UTC. */
export async function pdfOf(report: ConditionReport): Promise<Uint8Array> {
  const title = `Conditions of shipment ${report.tracking_number}`;
  const document = new PDFDocument({
    ...{ size: "A4", margin: MARGIN },
    info: { Title: title, Producer: "Waystock", Creator: "Waystock" },
  });
  const chunks: Buffer[] = [];
  const written = new Promise<void>((resolve, reject) => {
    document.on("data", (chunk: Buffer) => chunks.push(chunk));
    document.on("end", resolve);
    document.on("error", reject);
  });
  document.font(FONT).fillColor("#111");
  document.fontSize(16).text(title);
  document.fontSize(10).text(report.product_name);
  document.moveDown(0.5).fontSize(9);
  document.text(`From ${timeOf(report.from)} to ${timeOf(report.to)}; report made ${timeOf(report.generated_at)}`);
  if (report.quantities.every(({ verdict }) => verdict === "no_limit")) document.text("The shipment sets no limits.");
  if (report.gap_minutes !== null)
    document.text(`A silence of more than ${report.gap_minutes} min is a gap: neither in nor out of range.`);
  for (const figures of report.quantities) {
    document
      .moveDown()
      .fontSize(12)
      .text(`${NAMES[figures.quantity]}: ${VERDICTS[figures.verdict]}`)
      .moveDown(0.3)
      .fontSize(9);
    for (const [label, value] of rowsOf(figures)) {
      const y = document.y;
      document.text(label, MARGIN, y, { width: 190 });
      document.text(value, MARGIN + 200, y, { width: 300 });
    }
    document.x = MARGIN;
    drawChart(document, report, figures);
  }
  list(
    document,
    "Excursions",
    report.excursion_count,
    report.excursions.map(
      (each) =>
        `${NAMES[each.quantity]}: ${timeOf(each.from)} to ${each.to === null ? "now, it goes on" : timeOf(each.to)}, at worst ${shown(each.worst, unitOf(report, each.quantity))} (${each.device_id})`,
    ),
  );
  list(
    document,
    "Gaps",
    report.gap_count,
    report.gaps.map((each) => `${NAMES[each.quantity]}: ${timeOf(each.from)} to ${timeOf(each.to)}`),
  );
  list(
    document,
    "Probes",
    report.probes.length,
    report.probes.map(
      (each) =>
        `${each.device_id} on the ${each.mounted_on}: ${timeOf(each.from)} to ${each.to === null ? "now" : timeOf(each.to)}, ${each.readings} readings`,
    ),
  );
  document
    .moveDown()
    .fontSize(8)
    .fillColor("#555")
    .text(
      "Between two readings the value is taken to have gone straight from one to the other. Mean kinetic temperature: USP <1079.2>, ΔH/R = 10,000 K, by time.",
    );
  document.end();
  await written;
  return Buffer.concat(chunks);
}

function rowsOf(figures: QuantityFigures): [string, string][] {
  const { unit, allowed, lowest, highest, mean_kinetic_temperature: mkt } = figures;
  const limits = [
    allowed.min === null ? "" : `${shown(allowed.min, unit)} at least`,
    allowed.max === null ? "" : `${shown(allowed.max, unit)} at most`,
  ];
  const minutes = (value: number | null): string => (value === null ? "" : `${rounded(value, 1)} min`);
  const hasLimit = figures.verdict !== "no_limit";
  const rows: [string, string][] = [
    [
      "Allowed",
      hasLimit
        ? `${limits.filter(Boolean).join(", ")}${figures.quantity === "shock" ? "" : `, outside for ${allowed.minutes} min`}`
        : "",
    ],
    [
      "Out of range",
      minutes(figures.minutes_out_of_range) || (hasLimit ? `${figures.readings_out_of_range} readings` : ""),
    ],
    ["In range", minutes(figures.minutes_in_range)],
    ["Measured", hasLimit ? "" : minutes(figures.minutes_measured)],
    ["Gaps", minutes(figures.minutes_in_gaps)],
    ["Lowest", lowest ? `${shown(lowest.value, unit)}, ${timeOf(lowest.at)}` : ""],
    ["Highest", highest ? `${shown(highest.value, unit)}, ${timeOf(highest.at)}` : ""],
    [
      "Mean kinetic temperature",
      mkt
        ? `${rounded(mkt.celsius, 2)} °C over the worst ${rounded(mkt.window_hours, 1)} h, from ${timeOf(mkt.from)}`
        : "",
    ],
    ["Readings", `${figures.readings}, the last ${timeOf(figures.last_reading_at)}`],
  ];
  return rows.filter(([, value]) => value !== "");
}

function list(document: PDFKit.PDFDocument, title: string, count: number, lines: readonly string[]): void {
  document.x = MARGIN;
  document.moveDown().fillColor("#111").fontSize(11).text(`${title}: ${count}`).fontSize(8.5);
  for (const line of lines) document.text(line);
  if (lines.length < count) document.text(`… the first ${lines.length} of ${count}`);
}

const shown = (value: number, unit: string): string =>
  unit === "relative humidity" ? `${rounded(value * 100, 1)} %` : `${rounded(value, 2)} ${unit}`;

const timeOf = (time: Date | null): string =>
  time === null ? "never" : `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
