import { readFile } from "node:fs/promises";
import { getPriority, setPriority } from "node:os";
import type pg from "pg";
import type { Logger } from "pino";

/** A third of the weight of a process that does not yield. */
const YIELDING_BY = 5;
const LEAST_URGENT = 19;

/** Devices wait for the broker, nobody waits for ingest: where both want the processor, the broker gets it. */
export function yieldToBroker(log: Logger): void {
  try {
    yieldAs(process.pid);
  } catch (error) {
    log.warn({ err: error }, "this process may not lower its priority; under full load PUBACKs wait for it");
  }
}

/**
 * The same for what Postgres does on behalf of this pool, where the server is on this machine: half of ingest's work.
 * A server elsewhere, or one whose processes are not ours to touch, stays as it is.
 */
export function letPostgresYield(pool: pg.Pool, log: Logger): void {
  pool.on("connect", (client) => {
    const { processID, connection } = client as unknown as Backend;
    void isOurs(processID, connection.stream.localPort)
      .then((ours) => ours && yieldAs(processID))
      .catch((error: unknown) => log.debug({ err: error }, "Postgres does not yield to the broker"));
  });
}

/** What the driver knows of the server's process and does not declare. */
interface Backend {
  processID: number;
  connection: { stream: { localPort?: number } };
}

/** Whether that process serves our connection: Postgres shows the client's port in its title. */
async function isOurs(pid: number, clientPort: number | undefined): Promise<boolean> {
  if (clientPort === undefined) return false;
  const title = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
  return title.startsWith("postgres: ") && title.includes(`(${clientPort})`);
}

function yieldAs(pid: number): void {
  setPriority(pid, Math.min(LEAST_URGENT, getPriority(pid) + YIELDING_BY));
}
