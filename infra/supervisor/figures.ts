import { monitorEventLoopDelay } from "node:perf_hooks";

/** Numbers that a process reports beside its health, by name; with a label, by name and the label's value. */
export type Figures = Record<string, number | Record<string, number>>;

/** The newest figures of each process, with their age. */
export type FigureReports = Record<string, { figures: Figures; ageMs: number }>;

/** Keeps the newest figures of each process. Times are milliseconds of the monotonic clock. */
export class FigureBoard {
  readonly #reports = new Map<string, { figures: Figures; at: number }>();

  add(process: string, figures: Figures, nowMs: number): void {
    this.#reports.set(process, { figures, at: nowMs });
  }

  reports(nowMs: number): FigureReports {
    return Object.fromEntries(
      [...this.#reports].map(([process, { figures, at }]) => [process, { figures, ageMs: nowMs - at }]),
    );
  }
}

/** The connections of a pool. */
interface Connections {
  totalCount: number;
  idleCount: number;
  waitingCount: number;
}

const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;

/** What every process can tell of itself. Each call tells the delays of the event loop since the one before. */
export function ownFigures(...pools: readonly Connections[]): () => Figures {
  const sum = (countOf: (pool: Connections) => number) => pools.reduce((total, pool) => total + countOf(pool), 0);
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  return () => {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, external } = process.memoryUsage();
    // The monitor counts from the moment at which its own timer was due, so an idle loop has its resolution as delay.
    const delay = (nanoseconds: number) => Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1_000);
    const figures = {
      cpu_seconds: (user + system) / 1e6,
      uptime_seconds: process.uptime(),
      resident_bytes: rss,
      heap_bytes: heapUsed,
      external_bytes: external,
      event_loop_lag_seconds: { "0.5": delay(delays.percentile(50)), "0.99": delay(delays.percentile(99)) },
      postgres_connections: {
        used: sum(({ totalCount, idleCount }) => totalCount - idleCount),
        idle: sum(({ idleCount }) => idleCount),
      },
      postgres_waiting: sum(({ waitingCount }) => waitingCount),
    };
    delays.reset();
    return figures;
  };
}
