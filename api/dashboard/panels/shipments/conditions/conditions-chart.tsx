import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatDateTime, formatHoursMinutes, type TimeZone } from "../../../labels/times.ts";
import { timeZone } from "../../../state/clock.ts";
import { useStore } from "../../../state/store.ts";
import { chartData, type Figures, type Report } from "./chart-data.ts";

const HEIGHT = 180;
const COLOURS = ["--accent", "--track", "--production", "--transportation"];

interface ChartProps {
  report: Report;
  figures: Figures;
  label: string;
  unit: string;
  /** from the API's unit to the one that is shown */
  scale: number;
}

/** The readings of one quantity over the time: the allowed band shaded where there is one, gaps left open. */
export function ConditionsChart({ report, figures, label, unit, scale }: ChartProps) {
  const where = useStore(timeZone);
  const isDark = useColourScheme();
  const place = useRef<HTMLDivElement>(null);
  const { min, max } = figures.allowed;
  useEffect(() => {
    const parent = place.current;
    const data = chartData(report, figures.quantity, scale);
    if (parent === null || data[0].length < 2) return undefined;
    const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const limits = [min, max].filter((limit) => limit !== null).map((limit) => limit * scale);
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
    const shadeBand = (plot: uPlot) => {
      if (limits.length === 0) return;
      const { left, top, width, height } = plot.bbox;
      const y = (limit: number | null, otherwise: number) =>
        limit === null ? otherwise : Math.min(top + height, Math.max(top, plot.valToPos(limit * scale, "y", true)));
      const [from, to] = [y(max, top), y(min, top + height)];
      plot.ctx.save();
      plot.ctx.globalAlpha = 0.16;
      plot.ctx.fillStyle = colour("--delivery");
      plot.ctx.fillRect(left, from, width, to - from);
      plot.ctx.restore();
    };
    const plot = new uPlot(
      {
        width: parent.clientWidth,
        height: HEIGHT,
        tzDate: (seconds) =>
          where === "utc" ? uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC") : new Date(seconds * 1_000),
        scales: { y: { range: (_, low, high) => rangeOf(Math.min(low, ...limits), Math.max(high, ...limits)) } },
        axes: [
          { ...axis, values: (_, times) => times.map((seconds) => timeLabel(seconds * 1_000, times, where)) },
          { ...axis, size: 56, label: unit, labelSize: 18 },
        ],
        series: [
          {},
          ...report.series
            .filter(({ quantity }) => quantity === figures.quantity)
            .map(({ device_id }, at) => ({
              label: device_id,
              stroke: colour(COLOURS[at % COLOURS.length]!),
              width: 1.5,
              points: { show: false },
              value: (_: uPlot, value: number | null) =>
                value === null ? "–" : `${Math.round(value * 10) / 10} ${unit}`,
            })),
        ],
        hooks: { drawClear: [shadeBand] },
      },
      data,
      parent,
    );
    const resized = new ResizeObserver(() => plot.setSize({ width: parent.clientWidth, height: HEIGHT }));
    resized.observe(parent);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [report, figures, where, isDark]);
  return <div ref={place} class="conditions-chart" role="img" aria-label={label} />;
}

/** The time of day; of days, the date. */
function timeLabel(at: number, all: readonly number[], where: TimeZone): string {
  const stepS = all.length < 2 ? 0 : all[1]! - all[0]!;
  return stepS >= 86_400 ? formatDateTime(at, where).split(",")[0]! : formatHoursMinutes(at, where);
}

function rangeOf(low: number, high: number): [number, number] {
  const margin = Math.max(0.5, (high - low) * 0.08);
  return [low - margin, high + margin];
}

/** Whether the page is dark: a canvas does not change its colours by itself. */
function useColourScheme(): boolean {
  const [isDark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const changed = () => setDark(scheme.matches);
    scheme.addEventListener("change", changed);
    return () => scheme.removeEventListener("change", changed);
  }, []);
  return isDark;
}
