import { fork } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { projectFile } from "../../runtime/project-file.ts";
import type { BenchContext } from "../context.ts";
import { type BenchEnvironment, openEnvironment } from "../environment.ts";
import { runOnPlatform } from "../measure.ts";
import type { BenchOptions } from "../options.ts";
import { cpuSecondsOf } from "../process-times.ts";
import { markdownTable, medianRow, type Row } from "../table.ts";
import { startApiProbe } from "./api-probe.ts";
import { signInClients } from "./clients.ts";
import { openViewers, type Viewers } from "./viewers.ts";

/** Readings a second, of 1,000 vehicles that move: each is sent to every viewer once a second. */
const INGEST_RATE = 5_000;
const VIEWERS = [1, 100, 1_000] as const;
/** Streams of one API client, below the limit of 20. */
const VIEWERS_PER_CLIENT = 20;
/** Before measuring, so that connections, caches and compiled code are warm, seconds. */
const WARM_UP_S = 3;

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

/** A server with a live stream, and a URL that is asked meanwhile. */
interface Target {
  what: string;
  port: number;
  pid: number;
  streamPath: string;
  probeUrl: string;
  tokens: readonly string[];
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

/** One run: viewers on the target, 5,000 readings a second into the platform, and 50 requests a second to the target. */
async function measure(
  environment: BenchEnvironment,
  target: Target,
  viewers: number,
  seconds: number,
): Promise<{ row: Row; bytesPerFrame: number }> {
  const { port, streamPath: path, tokens } = target;
  const clients = await environment.clients("gateways");
  const opened = await openViewers({ host: "127.0.0.1", port, path, viewers, tokens });
  const load = (duration: number) =>
    runOnPlatform(environment.platform, environment.progress, clients, { rate: INGEST_RATE, seconds: duration }).catch(
      (error: unknown) => {
        throw new PlatformFailure(error instanceof Error ? error.message : String(error), { cause: error });
      },
    );
  let probe: ReturnType<typeof startApiProbe> | undefined;
  let measured;
  try {
    await load(WARM_UP_S);
    probe = startApiProbe(target.probeUrl, tokens[0]);
    measured = { ...(await during(() => load(seconds), opened, target.pid)), latencies: probe.latencies };
  } finally {
    await opened.close();
    await probe?.close();
  }
  const { run, before, after, cpu, elapsed, latencies } = measured;
  if (after.lost > 0) throw new Error(`${after.lost} of ${viewers} viewers were disconnected`);
  const frames = after.frames - before.frames;
  const bytes = after.bytes - before.bytes;
  const perViewer = `${after.fewest - before.fewest} to ${after.most - before.most} frames each in ${elapsed.toFixed(0)} s`;
  return {
    bytesPerFrame: bytes / Math.max(1, frames),
    row: {
      what: target.what,
      load: loadText(viewers),
      perSecond: frames / elapsed,
      p50: latencies.quantile(0.5),
      p99: latencies.quantile(0.99),
      lagMs: run.lagMs,
      note: `${perViewer}, ${(bytes / elapsed / 1e6).toFixed(1)} MB/s, ${((cpu / elapsed) * 100).toFixed(0)} % of a core`,
    },
  };
}

/** The platform that takes in readings meanwhile has failed, and not the route that is measured. */
class PlatformFailure extends Error {}

const loadText = (viewers: number): string =>
  `${viewers.toLocaleString("en-US")} viewers, ${INGEST_RATE.toLocaleString("en-US")} readings/s`;

/** What the viewers got and the server spent while `work` ran. */
async function during<T>(work: () => Promise<T>, opened: Viewers, pid: number) {
  const before = await opened.report();
  const cpuBefore = await cpuSecondsOf(pid);
  const startedAt = performance.now();
  const run = await work();
  const elapsed = (performance.now() - startedAt) / 1_000;
  const cpu = (await cpuSecondsOf(pid)) - cpuBefore;
  return { run, before, after: await opened.report(), cpu, elapsed };
}
