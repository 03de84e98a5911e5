import { SITES } from "./sites.ts";

/*
 * A box of cold goods with a logger of its own, and a plan of what happens to it, again and again every two hours: so that the truth is
 * known to the second whatever the noise. In minutes of its plan:
 *
 *    2 to 10  it warms from 5 to 11 °C (above 8 °C from 6 on), stays there, and cools from 22 to 30 (below 8 °C from 26 on)
 *   34 to 60  the logger is silent; the box is at 5 °C
 *   70 to 78  it cools to −1 °C (below 2 °C from 74 on), stays there, and warms from 90 to 98 (above 2 °C from 94 on)
 */
export interface ColdBox {
  number: number;
  /** name of the place where it stands */
  site: string;
  celsiusAt(ts: number): number;
  isSilentAt(ts: number): boolean;
  /** times out of range, as planned, from the beginning to `to`; epoch milliseconds */
  outside(to: number): Span[];
  gaps(to: number): Span[];
}

export interface Span {
  from: number;
  to: number;
}

export const COLD_BOX_LIMITS = { min: 2, max: 8 };
const MINUTE_MS = 60_000;
const CYCLE_MINUTES = 120;
/** Each box begins its plan later than the one before. */
const APART_MINUTES = 47;
const CORNERS: readonly (readonly [minute: number, celsius: number])[] = [
  ...([
    [0, 5],
    [2, 5],
    [10, 11],
    [22, 11],
    [30, 5],
  ] as const),
  ...([
    [70, 5],
    [78, -1],
    [90, -1],
    [98, 5],
    [CYCLE_MINUTES, 5],
  ] as const),
];
const OUTSIDE = [
  [6, 26],
  [74, 94],
] as const;
const SILENT = [[34, 60]] as const;

export function createColdBoxes(count: number, startMs: number): ColdBox[] {
  const rooms = SITES.filter(({ role }) => role === "warehouse");
  return Array.from({ length: count }, (_, index): ColdBox => {
    const beganMs = startMs + index * APART_MINUTES * MINUTE_MS;
    const minuteOf = (ts: number) => (ts < beganMs ? 0 : ((ts - beganMs) / MINUTE_MS) % CYCLE_MINUTES);
    const spans = (planned: readonly (readonly [number, number])[], to: number): Span[] => {
      const found: Span[] = [];
      for (let cycle = beganMs; cycle < to; cycle += CYCLE_MINUTES * MINUTE_MS) {
        for (const [from, until] of planned) {
          const span = { from: cycle + from * MINUTE_MS, to: Math.min(to, cycle + until * MINUTE_MS) };
          if (span.to > span.from) found.push(span);
        }
      }
      return found;
    };
    return {
      number: index + 1,
      site: rooms[index % rooms.length]!.name,
      celsiusAt: (ts) => plannedCelsius(minuteOf(ts)),
      isSilentAt: (ts) => ts >= beganMs && SILENT.some(([from, to]) => minuteOf(ts) > from && minuteOf(ts) < to),
      outside: (to) => spans(OUTSIDE, to),
      gaps: (to) => spans(SILENT, to),
    };
  });
}

function plannedCelsius(minute: number): number {
  const next = CORNERS.findIndex(([at]) => at >= minute);
  if (next <= 0) return CORNERS[0]![1];
  const [[from, a], [to, b]] = [CORNERS[next - 1]!, CORNERS[next]!];
  return a + ((b - a) * (minute - from)) / (to - from);
}
