import { open, readFile, realpath, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import type { Cluster } from "./cluster.ts";
import { runProgram } from "./run-program.ts";
import type { ServerUser } from "./server-user.ts";

/** Needed to start and stop the server of a cluster. */
export interface ServerControl {
  binaries: Binaries;
  cluster: Cluster;
  user: ServerUser;
}

/** The running server of a cluster. */
export interface Postmaster {
  pid: number;
  port: number;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * The running server of `cluster` according to `postmaster.pid`: line 1 is the pid, 2 the data directory, 4 the port.
 * The file of a dead server counts as no server. It is never deleted here: only the server knows when that is safe.
 */
export async function findPostmaster(cluster: Cluster): Promise<Postmaster | undefined> {
  let text: string;
  try {
    text = await readFile(join(cluster.folder, "postmaster.pid"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const [pid, folder, , port] = text.split("\n");
  if (folder === undefined || Number(pid) <= 0 || !(Number(port) > 0)) return undefined;
  // The folder may be a copy, made with the pid file of a server that runs on the original.
  const [ours, theirs] = await Promise.all([realpath(cluster.folder), realpath(folder).catch(() => undefined)]);
  return ours === theirs && isAlive(Number(pid)) ? { pid: Number(pid), port: Number(port) } : undefined;
}

async function readFrom(path: string, offset: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(Math.max(size - offset, 0), 16_384));
    await file.read(buffer, 0, buffer.length, Math.max(offset, size - buffer.length));
    return buffer.toString("utf8");
  } finally {
    await file.close();
  }
}

/** Less than what a server writes before it accepts connections. */
const NO_ROOM_BYTES = 64 * 1024;
const DISK_FULL = /no space left on device|disk quota exceeded/i;

/** The server did not start; carries what it wrote to its log. */
export class ServerStartError extends Error {
  override name = "ServerStartError";
  readonly serverLog: string;
  readonly isDiskFull: boolean;

  /** @param hasNoRoom whether its disk has no room, where perhaps the log had none either */
  constructor(serverLog: string, hasNoRoom: boolean, cause: unknown) {
    const isDiskFull = hasNoRoom || DISK_FULL.test(serverLog);
    const reason = isDiskFull ? "PostgreSQL did not start, its disk is full" : "PostgreSQL did not start";
    super(`${reason}: ${serverLog.trim() || String(cause)}`, { cause });
    this.serverLog = serverLog;
    this.isDiskFull = isDiskFull;
  }

  /** Another server uses the cluster, or its processes have not exited yet, or the port is in use: retry. */
  get isTransient(): boolean {
    return this.isPortInUse || /lock file|shared memory/.test(this.serverLog);
  }

  get isPortInUse(): boolean {
    return this.serverLog.includes("could not bind");
  }
}

/**
 * Starts the server and resolves when it accepts connections. `pg_ctl` gives the server its own session, so a Ctrl-C in
 * the terminal does not reach it, and drops administrator rights on Windows.
 * @throws ServerStartError
 */
export async function startPostmaster({ binaries, cluster, user }: ServerControl): Promise<void> {
  const logFile = join(cluster.folder, "server.log");
  const offset = await stat(logFile).then(
    ({ size }) => size,
    () => 0,
  );
  const args = ["start", "--pgdata", cluster.folder, "--log", logFile, "--wait", "--timeout=60", "--silent"];
  try {
    await runProgram(binaries.pgCtl, args, cluster.folder, user);
  } catch (cause) {
    const serverLog = await readFrom(logFile, offset).catch(() => "");
    const { bavail, bsize } = await statfs(cluster.folder);
    throw new ServerStartError(serverLog, bavail * bsize < NO_ROOM_BYTES, cause);
  }
}

/** The arguments of a `pg_ctl` that stops the server of `folder`: it ends the sessions, then writes a checkpoint. */
export function stopArguments(folder: string): string[] {
  return ["stop", "--pgdata", folder, "--mode=fast", "--wait", "--timeout=30", "--silent"];
}

/** Stops the server and resolves when it has exited. */
export async function stopPostmaster({ binaries, cluster, user }: ServerControl): Promise<void> {
  await runProgram(binaries.pgCtl, stopArguments(cluster.folder), cluster.folder, user);
}
