import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import type { Logger } from "pino";
import { OWNER } from "./cluster.ts";
import { LOCK_DATABASE, LOCK_KEY } from "./supervisor-lock.ts";
import { stopArguments, type ServerControl } from "./postmaster.ts";
import { projectFile } from "../../runtime/project-file.ts";
import { serverEnvironment } from "./server-user.ts";

/** How long a killed supervisor's successor has to adopt the server before the watchdog ends it. */
const GRACE_MS = 2500;

const RESPAWN_MS = 1000;

interface Watchdog {
  /** Ends it: the server is stopped or somebody else's. */
  close(): Promise<void>;
  /** Lets go of it as if we had been killed: it ends a server that nobody holds, then itself. */
  abandon(): void;
}

/** Starts the process that ends the server if we are killed and nobody adopts it; started anew should it die. */
export function startWatchdog({ binaries, cluster, user }: ServerControl, log: Logger): Watchdog {
  const task = {
    cluster: cluster.folder,
    pgCtl: binaries.pgCtl,
    stopArguments: stopArguments(cluster.folder),
    environment: serverEnvironment,
    user: user.spawn,
    login: { user: OWNER, password: cluster.password, database: LOCK_DATABASE },
    lockKey: LOCK_KEY,
    graceMs: GRACE_MS,
  };
  let closing = false;
  let respawn: NodeJS.Timeout | undefined;
  let child: ChildProcess;

  function start(): void {
    child = spawn(process.execPath, [projectFile("infra/postgres/embedded/watchdog.mjs")], {
      stdio: ["pipe", "ignore", "ignore"],
      env: {}, // our secrets are none of its business
      detached: true, // its own session: a Ctrl-C in the terminal does not reach it
      windowsHide: true,
    });
    child.on("error", (error) => log.error({ err: error }, "the embedded Postgres has no watchdog"));
    child.once("exit", (code, signal) => {
      if (closing) return;
      log.warn({ code, signal }, "the watchdog of the embedded Postgres ended; starting another");
      respawn = setTimeout(start, RESPAWN_MS).unref();
    });
    child.stdin?.on("error", () => undefined); // its end is reported by "exit"
    child.stdin?.write(`${JSON.stringify(task)}\n`);
    // Neither the watchdog nor the pipe may keep a supervisor alive that has nothing else to do.
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
  }

  start();
  return {
    abandon() {
      closing = true;
      clearTimeout(respawn);
      child.stdin?.end();
    },
    async close() {
      closing = true;
      clearTimeout(respawn);
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const ended = once(child, "exit");
      child.ref();
      child.stdin?.end("done\n");
      await ended;
    },
  };
}
