import type pg from "pg";
import { type ComponentHealth, isSupervised, supervisorHealth } from "../supervisor/ipc.ts";

type Probe = () => Promise<ComponentHealth>;

const PROBE_TIMEOUT_MS = 2_000;

/** Components of other processes; the supervisor reports their health. */
const REMOTE_COMPONENTS = ["broker", "journal", "ingest", "lag", "late"];

/**
 * Health probes by component, as far as an API process can see: the stores always, the other processes of this node
 * only under a supervisor.
 * @param pingSeries resolves when the series store answers; undefined when Postgres holds the series
 */
export function createHealthProbes(
  pool: pg.Pool,
  pingSeries: (() => Promise<void>) | undefined,
): Record<string, Probe> {
  const postgres: Probe = () => probe(() => pool.query("SELECT 1"));
  const probes: Record<string, Probe> = { postgres, series: pingSeries ? () => probe(pingSeries) : postgres };
  if (isSupervised()) {
    const latest = supervisorHealth();
    for (const name of REMOTE_COMPONENTS) {
      probes[name] = async () => latest()[name] ?? { ok: false, detail: "no report yet" };
    }
  }
  return probes;
}

async function probe(ask: () => Promise<unknown>): Promise<ComponentHealth> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<ComponentHealth>((resolve) => {
    const detail = `no answer within ${PROBE_TIMEOUT_MS} ms`;
    timer = setTimeout(() => resolve({ ok: false, detail }), PROBE_TIMEOUT_MS);
  });
  const answer = ask().then(
    (): ComponentHealth => ({ ok: true }),
    // `/readyz` is public. The cause stands in the log of the component that uses the store.
    (): ComponentHealth => ({ ok: false, detail: "does not answer" }),
  );
  const health = await Promise.race([answer, timeout]);
  clearTimeout(timer);
  return health;
}
