import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, isPortFree } from "../../runtime/free-port.ts";
import { type Cluster, writeSettings } from "./cluster.ts";
import { findPostmaster, type ServerControl, ServerStartError, startPostmaster } from "./postmaster.ts";
import { acquireSupervisorLock, type SupervisorLock } from "./supervisor-lock.ts";

const LOOPBACK = "127.0.0.1";
/** A failed start is retried for this long: an earlier server may be stopping, or its pid may not be reaped yet. */
const RETRY_FOR_MS = 10_000;
/** Limit of crash recovery. */
const RECOVERY_WITHIN_MS = 60_000;
export const RETRY_MS = 200;

/** SQLSTATE `cannot_connect_now`: the server is starting up, recovering or shutting down. */
const CANNOT_CONNECT_NOW = "57P03";

/** `preferred` if it is free, else any free port of the loopback interface. */
async function choosePort(preferred: number): Promise<number> {
  const isUsable = preferred !== 0 && (await isPortFree({ host: LOOPBACK, port: preferred }));
  return isUsable ? preferred : freePort(LOOPBACK);
}

/** The port of the last start, kept so that clients with an old URL still connect; 0 before the first start. */
async function lastPort(cluster: Cluster): Promise<number> {
  const text = await readFile(cluster.settingsFile, "utf8").catch(() => "");
  return Number(/^port = '(\d+)'$/m.exec(text)?.[1] ?? 0);
}

/** A running server that this process supervises. */
export interface SupervisedServer {
  lock: SupervisorLock;
  port: number;
  adopted: boolean;
}

/**
 * Adopts the running server of the cluster, or starts it.
 * @param fixedPort the only port to use, because clients know it already
 */
export async function adoptOrStart(
  control: ServerControl,
  settings: Record<string, string>,
  fixedPort: number | undefined,
  isClosing: () => boolean,
): Promise<SupervisedServer> {
  const { cluster } = control;
  const beganAt = performance.now();
  let started = false;
  let preferred = fixedPort ?? (await lastPort(cluster));
  for (;;) {
    let problem: unknown = new Error("another process is stopping the embedded Postgres");
    let retryForMs = RETRY_FOR_MS;
    let notRunning = true;
    const found = await findPostmaster(cluster);
    if (found !== undefined) {
      try {
        const lock = await acquireSupervisorLock(cluster, found.port);
        if (lock !== undefined) return { lock, port: found.port, adopted: !started };
        notRunning = false;
      } catch (error) {
        problem = error;
        const code = (error as { code?: unknown }).code;
        notRunning = code === "ECONNREFUSED";
        if (code === CANNOT_CONNECT_NOW) retryForMs = RECOVERY_WITHIN_MS;
        else if (typeof code === "string" && code.startsWith("28")) throw error;
      }
    }
    if (notRunning) {
      try {
        await writeSettings(cluster, fixedPort ?? (await choosePort(preferred)), settings);
        await startPostmaster(control);
        started = true;
        continue;
      } catch (error) {
        problem = error;
        if (!(error instanceof ServerStartError && error.isTransient)) throw error;
        if (error.isPortInUse) preferred = 0;
      }
    }
    if (isClosing() || performance.now() - beganAt > retryForMs) throw problem;
    await sleep(RETRY_MS);
  }
}
