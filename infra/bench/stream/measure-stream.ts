import type { BenchEnvironment } from "../environment.ts";
import { runOnPlatform } from "../measure.ts";
import { cpuSecondsOf } from "../process-times.ts";
import type { Row } from "../table.ts";
import { startApiProbe } from "./api-probe.ts";
import { openSseClients, type SseClients } from "./sse-clients.ts";

/** Readings a second, of 1,000 vehicles that move: each is sent to every viewer once a second. */
const INGEST_RATE = 5_000;
/** Before measuring, so that connections, caches and compiled code are warm, seconds. */
const WARM_UP_S = 3;

/** A server with a live stream, and a URL that is asked meanwhile. */
export interface Target {
  what: string;
  port: number;
  pid: number;
  streamPath: string;
  probeUrl: string;
  tokens: readonly string[];
}

/** One run: viewers on the target, 5,000 readings a second into the platform, and 50 requests a second to the target. */
export async function measure(
  environment: BenchEnvironment,
  target: Target,
  viewers: number,
  seconds: number,
): Promise<{ row: Row; bytesPerFrame: number }> {
  const { port, streamPath: path, tokens } = target;
  const clients = await environment.clients("gateways");
  const opened = await openSseClients({ host: "127.0.0.1", port, path, viewers, tokens });
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
export class PlatformFailure extends Error {}

export const loadText = (viewers: number): string =>
  `${viewers.toLocaleString("en-US")} viewers, ${INGEST_RATE.toLocaleString("en-US")} readings/s`;

/** What the viewers got and the server spent while `work` ran. */
async function during<T>(work: () => Promise<T>, opened: SseClients, pid: number) {
  const before = await opened.report();
  const cpuBefore = await cpuSecondsOf(pid);
  const startedAt = performance.now();
  const run = await work();
  const elapsed = (performance.now() - startedAt) / 1_000;
  const cpu = (await cpuSecondsOf(pid)) - cpuBefore;
  return { run, before, after: await opened.report(), cpu, elapsed };
}
