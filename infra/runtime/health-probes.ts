import type pg from "pg";
import { type ComponentHealth, supervisorHealth, isSupervised } from "../supervisor/ipc.ts";

type Probe = () => Promise<ComponentHealth>;

const ANSWER_WITHIN_MS = 2_000;

/** Parts in the care of other processes, known to us by what our supervisor says. */
const REMOTE_COMPONENTS = ["broker", "journal", "ingest", "lag", "late"];

/**
 * Looks at every part of the platform that can be seen from an API process: the stores always, the components of this node
 * when a supervisor runs them all.
 * @param pingSeries asks the series store for a sign of life; undefined when Postgres holds the series
 */
export function createHealthProbes(
  pool: pg.Pool,
  pingSeries: (() => Promise<void>) | undefined,
): Record<string, Probe> {
  const postgres: Probe = () => answered(() => pool.query("SELECT 1"));
  const probes: Record<string, Probe> = { postgres, series: pingSeries ? () => answered(pingSeries) : postgres };
  if (isSupervised()) {
    const latest = supervisorHealth();
    for (const part of REMOTE_COMPONENTS)
      probes[part] = async () => latest()[part] ?? { ok: false, detail: "not heard of yet" };
  }
  return probes;
}

async function answered(ask: () => Promise<unknown>): Promise<ComponentHealth> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<ComponentHealth>((resolve) => {
    timer = setTimeout(
      () => resolve({ ok: false, detail: `no answer within ${ANSWER_WITHIN_MS} ms` }),
      ANSWER_WITHIN_MS,
    );
  });
  const inTime = ask().then(
    (): ComponentHealth => ({ ok: true }),
    // What went wrong is for the log of whoever uses the store; this goes to the public.
    (): ComponentHealth => ({ ok: false, detail: "does not answer" }),
  );
  const condition = await Promise.race([inTime, tooLate]);
  clearTimeout(timer);
  return condition;
}
