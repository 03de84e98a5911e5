import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { pino } from "pino";
import type { TestContext } from "vitest";
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from "../../infra/postgres/embedded/embedded-postgres.ts";

/** A fresh folder, removed when the test has finished. */
export async function temporaryFolder(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "waystock-embedded-"));
  chmodSync(folder, 0o755);
  test.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The pid in `postmaster.pid` of the cluster below `place`. */
export async function postmasterPid(place: string): Promise<number> {
  return Number((await readFile(join(place, "cluster", "postmaster.pid"), "utf8")).split("\n")[0]);
}

/** Whether process `pid` runs. A zombie, dead but not yet reaped by the system, does not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return status === undefined || !/^\d+ \(.*\) [ZX]/s.test(status);
}

/** Resolves to the milliseconds until `pid` had ended; rejects after `limitMs`. */
export async function untilEnded(pid: number, limitMs: number): Promise<number> {
  const beganAt = performance.now();
  while (await isRunning(pid)) {
    if (performance.now() - beganAt > limitMs) throw new Error(`process ${pid} still runs after ${limitMs} ms`);
    await sleep(50);
  }
  return performance.now() - beganAt;
}

/** Runs one statement on a connection of its own and resolves to the rows. */
export async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on("error", () => undefined); // what happens after the answer is not the question
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** An embedded server supervised by this process, closed at the end of the test if it still runs. */
export async function startEmbedded(
  test: TestContext,
  options: Omit<EmbeddedPostgresOptions, "log">,
): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ ...options, log: pino({ level: "silent" }) });
  test.onTestFinished(() => server.close());
  return server;
}

export interface Supervisor {
  process: ChildProcess;
  url: string;
  adopted: boolean;
  /** the next line it prints, parsed */
  next(): Promise<unknown>;
  ended: Promise<unknown>;
}

const SCRIPT = join(import.meta.dirname, "embedded-supervisor.ts");

/** A supervisor in a process (and a process group) of its own, killed at the end of the test if it still runs. */
export async function startSupervisor(
  test: TestContext,
  dataDir: string,
  { prefix = [], environment = {} }: { prefix?: string[]; environment?: Record<string, string> } = {},
): Promise<Supervisor> {
  const [program, ...args] = [...prefix, process.execPath, "--import", "tsx", SCRIPT, dataDir];
  const child = spawn(program, args, {
    cwd: join(import.meta.dirname, "../.."),
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const ended = once(child, "exit");
  test.onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error("the supervisor ended without an answer");
    return JSON.parse(line.value);
  };
  const { url, adopted } = (await next()) as { url: string; adopted: boolean };
  return { process: child, url, adopted, next, ended };
}
