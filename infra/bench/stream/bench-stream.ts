import { fork } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { projectFile } from "../../runtime/project-file.ts";
import type { BenchContext } from "../context.ts";
import { type BenchEnvironment, openEnvironment } from "../environment.ts";
import type { BenchOptions } from "../options.ts";
import { markdownTable, medianRow, type Row } from "../table.ts";
import { signInClients } from "./clients.ts";
import { loadText, measure, PlatformFailure, type Target } from "./measure-stream.ts";

const VIEWERS = [1, 100, 1_000] as const;
/** Streams of one API client, below the limit of 20. */
const VIEWERS_PER_CLIENT = 20;

interface Plan {
  rounds: number;
  seconds: number;
}

/** Measures the rows of `npm run bench -- stream` and prints them; progress goes to standard error. */
export async function benchStream(options: BenchOptions, context: BenchContext): Promise<void> {
  const plan: Plan = options.quick ? { rounds: 1, seconds: 5 } : { rounds: 5, seconds: 10 };
  const directory = await mkdtemp(join(tmpdir(), "waystock-bench-"));
  // Enterable for the user of the embedded Postgres, which is not root.
  await chmod(directory, 0o711);
  context.components.register("data directory", directory, (path) => rm(path, { recursive: true, force: true }));
  const environment = await openEnvironment({ directory: join(directory, "stream"), ...context });
  const rows: Row[] = [];
  const add = (row: Row): void => {
    rows.push(row);
    process.stderr.write(`${markdownTable([row]).split("\n").at(-1)!}\n`);
  };
  let frameBytes = 0;
  const ours = await targetOf(environment);
  for (const viewers of VIEWERS) {
    const rounds: Row[] = [];
    for (let round = 0; round < plan.rounds; round += 1) {
      const { row, bytesPerFrame } = await measure(environment, ours, viewers, plan.seconds);
      rounds.push(row);
      frameBytes = bytesPerFrame;
    }
    add(medianRow(rounds));
  }
  const reference = await startBareHono(context, Math.round(frameBytes));
  for (const viewers of VIEWERS) {
    const rounds: Row[] = [];
    try {
      for (let round = 0; round < plan.rounds; round += 1) {
        rounds.push((await measure(environment, reference, viewers, plan.seconds)).row);
      }
      add(medianRow(rounds));
    } catch (error) {
      if (error instanceof PlatformFailure) throw error;
      // What the bare route cannot do is a result too, and no fault of the bench.
      const [what, load] = [reference.what, loadText(viewers)];
      add({
        what,
        load,
        note: `it failed in round ${rounds.length + 1}: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }
  await reference.close();
  await environment.close();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, ${process.platform}`;
  process.stdout.write(
    options.json ? `${JSON.stringify({ machine, rows }, null, 2)}\n` : `${machine}\n\n${markdownTable(rows)}\n`,
  );
}

async function targetOf({ platform, account }: BenchEnvironment): Promise<Target> {
  const { apiUrl, pids } = platform;
  const tokens = await signInClients(apiUrl, account, Math.max(...VIEWERS) / VIEWERS_PER_CLIENT);
  return {
    what: "Waystock, `GET /shipments/1` meanwhile",
    port: Number(new URL(apiUrl).port),
    pid: pids.api,
    streamPath: "/stream?topics=positions",
    probeUrl: `${apiUrl}/shipments/1`,
    tokens,
  };
}

async function startBareHono(context: BenchContext, frameBytes: number): Promise<Target & { close(): Promise<void> }> {
  const child = fork(projectFile("infra/bench/stream/bare-hono.mjs"), { stdio: ["ignore", 2, 2, "ipc"] });
  const exited = once(child, "exit");
  const close = async (): Promise<void> => {
    child.kill("SIGTERM");
    await exited;
  };
  context.components.register("bare Hono", { close });
  const [port] = (await once(child, "message")) as [number];
  child.send(frameBytes);
  return {
    what: "bare Hono SSE route, one frame of the same size a second, `GET /json` meanwhile",
    port,
    pid: child.pid!,
    streamPath: "/stream",
    probeUrl: `http://127.0.0.1:${port}/json`,
    tokens: [],
    close,
  };
}
