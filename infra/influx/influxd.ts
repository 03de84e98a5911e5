import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Logger } from "pino";
import { freePort } from "../runtime/free-port.ts";
import { stopBoundChild, startBoundChild, waitForPredecessor } from "../supervisor/bound-child.ts";

const READY_WITHIN_MS = 20_000;
const RESTART_AFTER_MS = 1_000;

export interface Influxd {
  url: string;
  version: string;
  /** process id of the wrapper whose child influxd is */
  pid(): number | undefined;
  close(): Promise<void>;
}

/** The version of the `influxd` on the path, such as `1.6.7~rc0`; undefined when there is none. */
export async function findInfluxd(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("influxd", ["version"], { timeout: 5_000 });
    return /InfluxDB v?(\S+)/.exec(stdout)?.[1] ?? "of unknown version";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Starts the `influxd` on the path (1.x) on free loopback ports, with its data in `directory` and without usage
 * reporting. It is restarted when it exits, and it stops when this process ends, even by SIGKILL.
 */
export async function startInfluxd(version: string, directory: string, log: Logger): Promise<Influxd> {
  await mkdir(directory, { recursive: true });
  const pidFile = join(directory, "influxd.pid");
  await waitForPredecessor(pidFile);
  const httpPort = await freePort("127.0.0.1");
  const configuration = join(directory, "influxdb.conf");
  await writeFile(configuration, configurationText(directory, httpPort, await freePort("127.0.0.1")));
  const output = await open(join(directory, "influxd.log"), "a");
  const start = () =>
    startBoundChild({ program: "influxd", arguments: ["-config", configuration], pidFile, output: output.fd });
  let child = start();
  const closing = new AbortController();
  const url = `http://127.0.0.1:${httpPort}`;

  async function restartOnExit(): Promise<void> {
    for (;;) {
      const [code] = (await once(child, "exit")) as [number | null];
      if (closing.signal.aborted) return;
      log.error({ code }, "influxd exited unexpectedly; restarting");
      await sleep(RESTART_AFTER_MS, undefined, { signal: closing.signal }).catch(() => undefined);
      if (closing.signal.aborted) return;
      child = start();
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    await stopBoundChild(child);
    await output.close();
  }

  try {
    await waitUntilReady(url, () => child.exitCode);
  } catch (error) {
    await close();
    throw error;
  }
  void restartOnExit();
  return { url, version, pid: () => child.pid, close };
}

async function waitUntilReady(url: string, exitCode: () => number | null): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    if (answer?.status === 204) return;
    if (exitCode() !== null) throw new Error(`influxd exited with code ${exitCode()}; see influxd.log`);
    if (performance.now() >= deadline) throw new Error(`influxd was not ready within ${READY_WITHIN_MS / 1000} s`);
    await sleep(50);
  }
}

function configurationText(directory: string, httpPort: number, rpcPort: number): string {
  const path = (name: string) => JSON.stringify(join(directory, name));
  return `reporting-enabled = false
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = ${path("meta")}
[data]
  dir = ${path("data")}
  wal-dir = ${path("wal")}
  index-version = "tsi1"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${httpPort}"
  log-enabled = false
[continuous_queries]
  enabled = false
`;
}
