import { formatAmount } from "../labels/quantities.ts";
import { formatDateTime } from "../labels/times.ts";
import { timeZone } from "../state/clock.ts";
import { useStore } from "../state/store.ts";

const WIDTH = 800;
const HEIGHT = 160;
const TOP = 6;

export interface Series {
  name: string;
  /** of the stylesheet: `chart-1` and so on */
  colour: string;
  points: readonly { at: number; value: number }[];
}

interface ChartProps {
  label: string;
  unit: string;
  series: readonly Series[];
  /** what the scale shows at least */
  least?: number;
}

/** Values over time as lines. The table below it says the same in numbers. */
export function LineChart({ label, unit, series, least = 0 }: ChartProps) {
  const { from, to, highest, x, y } = scaleOf(series, least);
  return (
    <Chart {...{ label, unit, series, from, to, highest }}>
      {series.map(({ name, colour, points }) => (
        <path
          key={name}
          class={`line ${colour}`}
          d={points.map(({ at, value }, index) => `${index === 0 ? "M" : "L"}${x(at)} ${y(value)}`).join("")}
        />
      ))}
    </Chart>
  );
}

/** Values of equal stretches of time as columns beside each other. */
export function ColumnChart({ label, unit, series, stepMs }: ChartProps & { stepMs: number }) {
  const times = series.flatMap(({ points }) => points.map(({ at }) => at));
  const ending = { name: "", colour: "", points: times.map((at) => ({ at: at + stepMs, value: 0 })) };
  const { from, to, highest, x, y } = scaleOf([...series, ending], 1);
  const width = ((WIDTH * stepMs) / (to - from) / series.length) * 0.9;
  return (
    <Chart {...{ label, unit, series, from, to, highest }}>
      {series.map(({ name, colour, points }, beside) =>
        points.map(({ at, value }) => (
          <rect
            key={`${name} ${at}`}
            class={`column ${colour}`}
            x={x(at) + beside * width}
            y={y(value)}
            width={Math.max(0.5, width)}
            height={Math.max(0, HEIGHT - y(value))}
          >
            <title>{`${name}: ${formatAmount(value)} ${unit}`}</title>
          </rect>
        )),
      )}
    </Chart>
  );
}

function scaleOf(series: readonly Series[], least: number) {
  const points = series.flatMap((each) => each.points);
  const from = Math.min(...points.map(({ at }) => at));
  const to = Math.max(...points.map(({ at }) => at), from + 1);
  const highest = Math.max(least, 1, ...points.map(({ value }) => value));
  const x = (at: number) => (WIDTH * (at - from)) / (to - from);
  const y = (value: number) => TOP + (HEIGHT - TOP) * (1 - value / highest);
  return { from, to, highest, x, y };
}

interface FrameProps extends ChartProps {
  from: number;
  to: number;
  highest: number;
  children: preact.ComponentChildren;
}

function Chart({ label, unit, series, from, to, highest, children }: FrameProps) {
  const where = useStore(timeZone);
  return (
    <figure class="report-chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 2}`} role="img" aria-label={label} preserveAspectRatio="none">
        <path class="axis" d={`M0 ${HEIGHT}H${WIDTH}M0 ${TOP}H${WIDTH}`} />
        {children}
      </svg>
      <figcaption>
        <span>{formatDateTime(from, where)}</span>
        <span>
          top: {formatAmount(highest)} {unit}
        </span>
        <span>{formatDateTime(to, where)}</span>
      </figcaption>
      <ul class="chart-key">
        {series.map(({ name, colour }) => (
          <li key={name} class={colour}>
            {name}
          </li>
        ))}
      </ul>
    </figure>
  );
}
