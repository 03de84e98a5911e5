import { timeZone } from "../../state/clock.ts";
import { useStore } from "../../state/store.ts";
import { formatCount } from "../../labels/quantities.ts";
import { formatDateTime } from "../../labels/times.ts";
import type { LevelPoint } from "./level-history.ts";

const WIDTH = 400;
const HEIGHT = 120;
const TOP = 8;

interface LevelChartProps {
  points: readonly LevelPoint[];
  /** epoch milliseconds */
  from: number;
  to: number;
  reorderPoint: number;
  label: string;
}

/** The level as a line of steps, with the reorder point. The list of events below it says the same in words. */
export function LevelChart({ points, from, to, reorderPoint, label }: LevelChartProps) {
  const where = useStore(timeZone);
  const highest = Math.max(1, reorderPoint, ...points.map(({ quantity }) => quantity));
  const x = (atMs: number) => (WIDTH * (Math.max(from, atMs) - from)) / (to - from);
  const y = (quantity: number) => TOP + (HEIGHT - TOP) * (1 - quantity / highest);
  const line = points.map(({ atMs, quantity }, index) =>
    index === 0 ? `M${x(atMs)} ${y(quantity)}` : `H${x(atMs)}V${y(quantity)}`,
  );
  return (
    <figure class="level-chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 2}`} role="img" aria-label={label} preserveAspectRatio="none">
        <path class="axis" d={`M0 ${HEIGHT}H${WIDTH}`} />
        {reorderPoint > 0 && <path class="reorder-line" d={`M0 ${y(reorderPoint)}H${WIDTH}`} />}
        {line.length > 0 && <path class="level-line" d={`${line.join("")}H${WIDTH}`} />}
      </svg>
      <figcaption>
        <span>{formatDateTime(from, where)}</span>
        <span>
          highest {formatCount(highest)}
          {reorderPoint > 0 && `, dashed: reorder at ${formatCount(reorderPoint)}`}
        </span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}
