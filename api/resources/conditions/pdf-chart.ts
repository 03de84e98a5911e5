import type { ConditionReport, QuantityFigures } from "./schema.ts";

const HEIGHT = 110;
const LEFT = 48;
const WIDTH = 500;

/** Draws the readings of one quantity: the allowed band shaded, gaps left open. Nothing where there are fewer than two. */
export function drawChart(
  document: PDFKit.PDFDocument,
  { from, to, series, gaps }: ConditionReport,
  { quantity, allowed }: QuantityFigures,
): void {
  const lines = series.filter((each) => each.quantity === quantity && each.points.length > 1);
  if (from === null || to === null || lines.length === 0) return;
  const values = lines.flatMap(({ points }) => points.flatMap(([, low, high]) => [low, high]));
  const limits = [allowed.min, allowed.max].filter((limit) => limit !== null);
  const [low, high] = [Math.min(...values, ...limits), Math.max(...values, ...limits)];
  const [start, span, range] = [from.getTime(), Math.max(1, to.getTime() - from.getTime()), Math.max(1e-9, high - low)];
  if (document.y + HEIGHT > document.page.height - 60) document.addPage();
  const top = document.y + 6;
  const x = (ts: number) => LEFT + (WIDTH * (ts - start)) / span;
  const y = (value: number) => top + HEIGHT * (1 - (value - low) / range);
  const [bandTop, bandEnd] = [y(allowed.max ?? high), y(allowed.min ?? low)];
  if (limits.length > 0) document.rect(LEFT, bandTop, WIDTH, Math.max(0.5, bandEnd - bandTop)).fill("#e3f1e5");
  document.rect(LEFT, top, WIDTH, HEIGHT).lineWidth(0.5).stroke("#999");
  const breaks = gaps.filter((gap) => gap.quantity === quantity).map((gap) => gap.from.getTime());
  for (const { points } of lines) {
    let before: number | undefined;
    for (const [ts, lowest, highest] of points) {
      const isBroken = before === undefined || breaks.some((at) => at >= before! && at < ts);
      const middle = (lowest + highest) / 2;
      if (isBroken) document.moveTo(x(ts), y(middle));
      else document.lineTo(x(ts), y(middle));
      before = ts;
    }
    document.lineWidth(0.9).stroke("#1d5fa8");
  }
  document.fillColor("#555").fontSize(7);
  document.text(labelOf(high, quantity), LEFT - 34, top, { width: 30, align: "right", lineBreak: false });
  document.text(labelOf(low, quantity), LEFT - 34, top + HEIGHT - 8, {
    width: 30,
    align: "right",
    lineBreak: false,
  });
  document.fillColor("#111").fontSize(9);
  document.x = LEFT;
  document.y = top + HEIGHT + 6;
}

/** Humidity in per cent, as the figures beside the chart have it. */
const labelOf = (value: number, quantity: QuantityFigures["quantity"]): string =>
  quantity === "humidity" ? `${Math.round(value * 1_000) / 10} %` : String(Math.round(value * 100) / 100);
