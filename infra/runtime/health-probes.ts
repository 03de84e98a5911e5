import type { QueryConfig } from "pg";
import type { ProvenPool } from "../postgres/proven-pool.ts";
import { type ComponentHealth, EMBEDDED_POSTGRES } from "../supervisor/health.ts";
import { isSupervised, supervisorHealth } from "../supervisor/ipc.ts";

/** undefined: this process cannot know */
type Probe = () => Promise<ComponentHealth | undefined>;

const PROBE_TIMEOUT_MS = 2_000;

/** Components of other processes; the supervisor reports their health. */
const REMOTE_COMPONENTS = ["broker", "journal", "ingest", "lag", "late", "audit", "retention"];

/**
 * Health probes by component. An API process sees the stores always, and the other processes of a node only under the
 * supervisor that they share.
 * @param pingSeries resolves when the series store answers; undefined when Postgres holds the series
 */
export function createHealthProbes(
  pool: ProvenPool,
  pingSeries: (() => Promise<void>) | undefined,
  hasSupervisor = isSupervised(),
): Record<string, Probe> {
  const latest = supervisorHealth();
  // A query that is not answered in time is given up, so that unanswered probes do not use up the pool.
  const question: QueryConfig & { query_timeout: number } = { text: "SELECT 1", query_timeout: PROBE_TIMEOUT_MS };
  const postgres = async (): Promise<ComponentHealth> => {
    const health = await probe(() => pool.query(question));
    const { [EMBEDDED_POSTGRES]: embedded } = latest();
    if (!health.ok && embedded?.ok === false) return embedded;
    return health.ok && pool.isDiskFull ? { ok: false, detail: "its disk is full" } : health;
  };
  // Without InfluxDB there are no tracks of long ago, but publishing and signing in work.
  const influx = async (ask: () => Promise<void>): Promise<ComponentHealth> => {
    const health = await probe(ask);
    return health.ok ? health : { ...health, degraded: true };
  };
  const probes: Record<string, Probe> = { postgres, series: pingSeries ? () => influx(pingSeries) : postgres };
  for (const name of REMOTE_COMPONENTS) {
    probes[name] = hasSupervisor
      ? async () => latest()[name] ?? { ok: false, detail: "no report yet" }
      : async () => undefined;
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
