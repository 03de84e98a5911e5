import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import type { Logger } from "pino";
import { OWNER } from "./cluster.ts";
import { LOCK_DATABASE, LOCK_KEY } from "./supervisor-lock.ts";
import { stopArguments, type ServerControl } from "./postmaster.ts";
import { projectFile } from "../../runtime/project-file.ts";
import { serverEnvironment } from "./server-user.ts";

/** After a supervisor was killed, its successor has this long to adopt the server before the watchdog stops it. */
const GRACE_MS = 2500;

const RESPAWN_MS = 1000;

interface Watchdog {
  /** Ends the watchdog without stopping the server. */
  close(): Promise<void>;
  /** Leaves the watchdog as a kill of this process would: it stops a server without a supervisor, then exits. */
  abandon(): void;
}

/** Starts the process that stops the server if this process is killed and none adopts it; restarted if it exits. */
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
      env: {}, // no secrets for a process that does not need them
      detached: true, // in its own session a Ctrl-C in the terminal does not reach it
      windowsHide: true,
    });
    child.on("error", (error) => log.error({ err: error }, "embedded Postgres: the watchdog could not be started"));
    child.once("exit", (code, signal) => {
      if (closing) return;
      log.warn({ code, signal }, "embedded Postgres: the watchdog exited; restarting it");
      respawn = setTimeout(start, RESPAWN_MS).unref();
    });
    child.stdin?.on("error", () => undefined); // the "exit" event reports it
    child.stdin?.write(`${JSON.stringify(task)}\n`);
    // Neither the watchdog nor the pipe may keep this process alive.
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
