/** The health of one component of the platform. */
export interface ComponentHealth {
  ok: boolean;
  /** not ok, but people can sign in and devices can publish: `/readyz` names it and stays ready */
  degraded?: boolean;
  /** a text or a number; `/readyz` shows it to the public, so it holds no names and no addresses */
  detail?: string | number;
}

/** The health of a component whose fault stops neither publishing nor signing in. @param fault what the public may read */
export const degradedBy = (fault: string | undefined): ComponentHealth =>
  fault === undefined ? { ok: true } : { ok: false, degraded: true, detail: fault };

/** Health by component name. */
export type Health = Record<string, ComponentHealth>;

/** The component of an embedded server, of which its supervisor reports. */
export const EMBEDDED_POSTGRES = "embedded Postgres";

/** Health by component name, with the age of each report. */
export type HealthReports = Record<string, ComponentHealth & { ageMs: number }>;

/** A report older than this proves nothing. Reports come every second, and `/readyz` must notice a silence within 5 s. */
const MAX_AGE_MS = 4_000;

/** The newest report of each component. Times are milliseconds of the monotonic clock. */
export class HealthBoard {
  readonly #reports = new Map<string, { health: ComponentHealth; at: number }>();

  add(health: Health, nowMs: number): void {
    for (const [name, each] of Object.entries(health)) this.#reports.set(name, { health: each, at: nowMs });
  }

  reports(nowMs: number): HealthReports {
    return Object.fromEntries(
      [...this.#reports].map(([name, { health, at }]) => [name, { ...health, ageMs: nowMs - at }]),
    );
  }
}

/**
 * The health that reports still prove: a process that is frozen says nothing, and its last report was good.
 * @param sinceMs since the reports were handed on
 */
export function believedHealth(reports: HealthReports, sinceMs: number): Health {
  return Object.fromEntries(
    Object.entries(reports).map(([name, { ageMs, ...health }]): [string, ComponentHealth] => {
      const silentMs = ageMs + sinceMs;
      if (silentMs <= MAX_AGE_MS || (!health.ok && !health.degraded)) return [name, health];
      return [name, { ok: false, detail: `no report for ${Math.floor(silentMs / 1000)} s` }];
    }),
  );
}
