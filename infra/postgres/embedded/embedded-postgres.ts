import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { findPackage, resolveBinaries } from "./binaries.ts";
import { OWNER, openCluster, writeSettings, type Cluster } from "./cluster.ts";
import { clusterUrl, acquireSupervisorLock, type SupervisorLock } from "./supervisor-lock.ts";
import { chooseDataLocation } from "./data-location.ts";
import { findPostmaster, ServerStartError, startPostmaster, stopPostmaster, type ServerControl } from "./postmaster.ts";
import { serverUser } from "./server-user.ts";
import { startWatchdog } from "./watchdog.ts";

export interface EmbeddedPostgresOptions {
  /** the platform's `DATA_DIR`; the database lives in `postgres` below it */
  dataDir: string;
  log: Logger;
  /** server settings that differ from ours */
  settings?: Record<string, string>;
  /** the folder of the package with the binaries; found among the installed ones by default */
  packageFolder?: string;
  /** where the database goes if the server's user may not enter `dataDir`; `/var/lib` by default */
  stateFolder?: string;
}

export interface EmbeddedPostgres {
  /** of the platform's database, with its password: never to be logged */
  url: string;
  port: number;
  /** whether the server was found running */
  adopted: boolean;
  /** Stops the server, unless another supervisor has adopted it, and leaves no process behind. */
  close(): Promise<void>;
}

/** How long a server that refuses to start, or is going away, is retried (a dead one's pid may not be reaped yet). */
const RETRY_FOR_MS = 10_000;
/** How long a server may recover after a crash. */
const RECOVERY_WITHIN_MS = 60_000;
const RETRY_MS = 200;

/** PostgreSQL's `cannot_connect_now`: it is starting up, recovering or shutting down. */
const CANNOT_CONNECT_NOW = "57P03";

/** `preferred` if nobody listens there, else any free port of the loopback interface. */
async function freePort(preferred: number): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(preferred, "127.0.0.1");
    await once(probe, "listening");
    const address = probe.address();
    if (address === null || typeof address === "string") throw new Error("a TCP listener has no port");
    return address.port;
  } catch (error) {
    if (preferred === 0) throw error;
    return freePort(0);
  } finally {
    probe.close();
  }
}

/** The port of the last start, so that tools that know it keep working; 0 before the first. */
async function lastPort(cluster: Cluster): Promise<number> {
  const text = await readFile(cluster.settingsFile, "utf8").catch(() => "");
  return Number(/^port = '(\d+)'$/m.exec(text)?.[1] ?? 0);
}

interface Running {
  lock: SupervisorLock;
  port: number;
  adopted: boolean;
}

/** Adopts the running server of the cluster, or starts it. `fixedPort`: others already know the port. */
async function adoptOrStart(
  control: ServerControl,
  settings: Record<string, string>,
  fixedPort: number | undefined,
  isClosing: () => boolean,
): Promise<Running> {
  const { cluster } = control;
  const beganAt = performance.now();
  let started = false;
  let preferred = fixedPort ?? (await lastPort(cluster));
  for (;;) {
    let problem: unknown = new Error("another process is stopping the embedded Postgres");
    let retryForMs = RETRY_FOR_MS;
    let silent = true;
    const found = await findPostmaster(cluster);
    if (found !== undefined) {
      try {
        const lock = await acquireSupervisorLock(cluster, found.port);
        if (lock !== undefined) return { lock: lock, port: found.port, adopted: !started };
        silent = false;
      } catch (error) {
        problem = error;
        const code = (error as { code?: unknown }).code;
        silent = code === "ECONNREFUSED";
        if (code === CANNOT_CONNECT_NOW) retryForMs = RECOVERY_WITHIN_MS;
        else if (typeof code === "string" && code.startsWith("28")) throw error;
      }
    }
    if (silent) {
      try {
        await writeSettings(cluster, fixedPort ?? (await freePort(preferred)), settings);
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

/**
 * Starts PostgreSQL as a child of nobody but supervised by us: on loopback, on a free port, with a password of its
 * own. A server that a killed supervisor left is adopted; one that dies is started again on the same port.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, settings = {} } = options;
  const startedAt = performance.now();
  const user = serverUser();
  const location = await chooseDataLocation(dataDir, user, log, options.stateFolder);
  const binaries = await resolveBinaries(options.packageFolder ?? findPackage(), location, user, log);
  const control = { binaries, cluster: await openCluster(location, binaries, user), user };
  let closing = false;
  // Before the server: from its first moment there is somebody to end it.
  const watchdog = startWatchdog(control, log);

  let running: Running;
  try {
    running = await adoptOrStart(control, settings, undefined, () => closing);
  } catch (error) {
    watchdog.abandon(); // a server that is slow to start must not outlive us
    throw error;
  }
  const { port, adopted } = running;
  const milliseconds = Math.round(performance.now() - startedAt);
  log.info({ location, port, adopted, milliseconds }, `embedded Postgres ${binaries.major} ready`);

  /** Starts the server again whenever it dies, until we close. */
  let recovery = Promise.resolve();
  async function recover(): Promise<void> {
    for (;;) {
      if (closing) return;
      try {
        running = await adoptOrStart(control, settings, port, () => closing);
        log.info({ port, adopted: running.adopted }, "the embedded Postgres is back");
        watch();
        return;
      } catch (error) {
        log.error({ err: error }, "the embedded Postgres does not start; trying again");
        await sleep(RETRY_MS);
      }
    }
  }
  function watch(): void {
    void running.lock.lost.then(() => {
      if (closing) return;
      log.error("the embedded Postgres went away; starting it again");
      recovery = recover();
    });
  }
  watch();

  async function close(): Promise<void> {
    closing = true;
    await recovery;
    // Without a lock nobody can be asked: a server that still runs is then ours to stop.
    const last = await running.lock
      .tryExclusive()
      .catch(async () => (await findPostmaster(control.cluster)) !== undefined);
    if (last) await stopPostmaster(control);
    await running.lock.release();
    await watchdog.close();
    log.info({ stopped: last }, "embedded Postgres released");
  }
  let closed: Promise<void> | undefined;
  return { url: clusterUrl(control.cluster, port, OWNER), port, adopted, close: () => (closed ??= close()) };
}
