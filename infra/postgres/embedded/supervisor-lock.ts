import pg from "pg";
import { OWNER, type Cluster } from "./cluster.ts";

/**
 * Every supervisor of an embedded server holds this advisory lock in the server, in shared mode. The kernel closes the
 * connection of a killed process, so the lock is released however the process dies. Stopping the server requires the lock
 * in exclusive mode.
 */
export const LOCK_KEY = 872_041_997;

/** Advisory locks belong to one database. Every cluster has this one. */
export const LOCK_DATABASE = "postgres";

/** The URL of `database` in the server of `cluster`. */
export function clusterUrl(cluster: Cluster, port: number, database: string): string {
  return `postgres://${OWNER}:${cluster.password}@127.0.0.1:${port}/${database}`;
}

/** The lock that a supervisor holds on a running server. */
export interface SupervisorLock {
  /** resolves when the connection has ended: the server has stopped or died */
  lost: Promise<void>;
  /** true if there is no other supervisor; from then on none can join, and the caller must stop the server */
  tryExclusive(): Promise<boolean>;
  release(): Promise<void>;
}

/** Takes the lock; undefined when another process is stopping the server. Creates the platform's database if missing. */
export async function acquireSupervisorLock(cluster: Cluster, port: number): Promise<SupervisorLock | undefined> {
  const client = new pg.Client({
    connectionString: clusterUrl(cluster, port, LOCK_DATABASE),
    application_name: "waystock supervisor",
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  });
  const lost = new Promise<void>((resolve) => client.once("end", () => resolve()));
  client.on("error", () => undefined); // the "end" event follows
  const tryLock = async (kind: "" | "_shared"): Promise<boolean> => {
    const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock${kind}($1) AS taken`, [
      LOCK_KEY,
    ]);
    return rows[0]?.taken === true;
  };
  try {
    await client.connect();
    if (!(await tryLock("_shared"))) {
      await client.end();
      return undefined;
    }
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [OWNER]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${OWNER}`).catch(ignoreDuplicate);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return { lost, tryExclusive: () => tryLock(""), release: () => client.end() };
}

/** Two supervisors may create the database at once: `duplicate_database`, or `unique_violation` on its catalogue. */
function ignoreDuplicate(error: { code?: string }): void {
  if (error.code !== "42P04" && error.code !== "23505") throw error;
}
