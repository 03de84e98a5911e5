import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { adoptOrStart, RETRY_MS, type SupervisedServer } from "./adopt-or-start.ts";
import { findPackage, resolveBinaries } from "./binaries.ts";
import { openCluster } from "./cluster.ts";
import { chooseDataLocation } from "./data-location.ts";
import { findPostmaster, ServerStartError, stopPostmaster } from "./postmaster.ts";
import { ensurePlatformRole, platformUrl } from "./platform-role.ts";
import { serverUser } from "./server-user.ts";
import { startWatchdog } from "./watchdog.ts";

export interface EmbeddedPostgresOptions {
  /** the platform's `DATA_DIR`; the database is in its folder `postgres` */
  dataDir: string;
  log: Logger;
  /** server settings that override our defaults */
  settings?: Record<string, string>;
  /** the folder of the package with the binaries; by default the installed package for this platform */
  packageFolder?: string;
  /** the parent of the database's folder if the server's user may not enter `dataDir`; `/var/lib` by default */
  stateFolder?: string;
}

export interface EmbeddedPostgres {
  /** of the platform's database, for a role that owns it and is no superuser; with its password: never log it */
  url: string;
  port: number;
  /** whether the server was already running */
  adopted: boolean;
  /** why the server does not run now, in words that name nothing; undefined while it does */
  problem(): string | undefined;
  /** Stops the server, unless it has another supervisor, and leaves no process behind. */
  close(): Promise<void>;
}

/**
 * Starts PostgreSQL detached from this process, which supervises it: on loopback, on a free port, with a generated
 * password. A server left by a killed supervisor is adopted. A server that dies is restarted on the same port.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, settings = {} } = options;
  const startedAt = performance.now();
  const user = serverUser();
  const location = await chooseDataLocation(dataDir, user, log, options.stateFolder);
  const binaries = await resolveBinaries(options.packageFolder ?? findPackage(), location, user, log);
  const control = { binaries, cluster: await openCluster(location, binaries, user), user };
  let closing = false;
  // Started before the server, so that at no moment a server runs without a watchdog.
  const watchdog = startWatchdog(control, log);

  let running: SupervisedServer;
  try {
    running = await adoptOrStart(control, settings, undefined, () => closing);
    await ensurePlatformRole(control.cluster, running.port);
  } catch (error) {
    watchdog.abandon(); // a server that is still starting must not outlive this process
    throw error;
  }
  const { port, adopted } = running;
  const milliseconds = Math.round(performance.now() - startedAt);
  log.info({ location, port, adopted, milliseconds }, `embedded Postgres ${binaries.major} ready`);

  let recovery = Promise.resolve();
  let problem: string | undefined;
  /** Restarts the server, retrying until it runs or `close` is called. */
  async function recover(): Promise<void> {
    let logged = "";
    problem = "is starting again";
    for (;;) {
      if (closing) return;
      try {
        running = await adoptOrStart(control, settings, port, () => closing);
        problem = undefined;
        log.info({ port, adopted: running.adopted }, "embedded Postgres restarted");
        watch();
        return;
      } catch (error) {
        problem = error instanceof ServerStartError && error.isDiskFull ? "its disk is full" : "does not start";
        // One line for one cause, however often it is tried.
        if (problem !== logged) log.error({ err: error }, `embedded Postgres: ${problem}; trying again`);
        logged = problem;
        await sleep(RETRY_MS);
      }
    }
  }
  function watch(): void {
    void running.lock.lost.then(() => {
      if (closing) return;
      log.error("embedded Postgres connection lost; restarting");
      recovery = recover();
    });
  }
  watch();

  async function close(): Promise<void> {
    closing = true;
    await recovery;
    // If the lock cannot be asked for (the connection is lost), stop a server that still runs.
    const last = await running.lock
      .tryExclusive()
      .catch(async () => (await findPostmaster(control.cluster)) !== undefined);
    if (last) await stopPostmaster(control);
    await running.lock.release();
    await watchdog.close();
    log.info({ stopped: last }, "embedded Postgres released");
  }
  let closed: Promise<void> | undefined;
  return {
    url: platformUrl(control.cluster, port),
    port,
    adopted,
    problem: () => problem,
    close: () => (closed ??= close()),
  };
}
