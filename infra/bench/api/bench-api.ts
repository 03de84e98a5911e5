import { fork } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchContext } from "../context.ts";
import { type BenchEnvironment, openEnvironment } from "../environment.ts";
import { runOnPlatform } from "../measure.ts";
import type { BenchOptions } from "../options.ts";
import { cpuSecondsOf } from "../process-times.ts";
import { projectFile } from "../../runtime/project-file.ts";
import { signIn } from "../scenarios.ts";
import { waitForQuiescence } from "../quiescence.ts";
import { type HttpLoad, type HttpResult, loadHttp } from "./load.ts";
import { seedStock, seedTrack } from "./seed.ts";

const INGEST_RATE = 5_000;
const CONNECTIONS = 20;
const STOCK_RATE = 500;
const TRACK_CONNECTIONS = 2;
const TRACK_RATE = 10;

interface Read {
  what: string;
  load: Omit<HttpLoad, "seconds">;
  /** what the bench is to show */
  target: string;
  /** of the process that answers */
  pid: number;
}

interface Measured {
  what: string;
  ingest: number | undefined;
  result: HttpResult;
  /** of the process that answers, for each request */
  cpuMicroseconds: number;
  /** of requests a second to those of the bare route in the same block */
  ratio: number | undefined;
  target: string;
}

/** Measures the reads of `npm run bench -- api`, without and with ingest, beside a bare Hono route in the same run. */
export async function benchApi(options: BenchOptions, context: BenchContext): Promise<void> {
  const seconds = options.quick ? 4 : 15;
  const positions = options.quick ? 100_000 : 1_000_000;
  const directory = await mkdtemp(join(tmpdir(), "waystock-bench-"));
  // Enterable for the user of the embedded Postgres, which is not root.
  await chmod(directory, 0o711);
  context.components.register("data directory", directory, (path) => rm(path, { recursive: true, force: true }));
  let shipment = 0;
  const environment = await openEnvironment({
    directory: join(directory, "platform"),
    ...context,
    seedMore: async (pool) => {
      await seedStock(pool, positions);
      shipment = await seedTrack(pool);
    },
  });
  await waitForQuiescence(environment.platform);
  const bare = await startBareHono(context);
  const reads = readsOf(environment, await signIn(environment.platform.apiUrl, environment.account), {
    shipment,
    bare,
  });
  const rows: Measured[] = [];
  for (const rate of [undefined, INGEST_RATE]) {
    rows.push(...(await measureBlock(environment, reads, seconds, rate)));
  }
  await environment.close();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, ${process.platform}`;
  const figures = { machine, stockPositions: positions, rows };
  process.stdout.write(options.json ? `${JSON.stringify(figures, null, 2)}\n` : `${machine}\n\n${tableOf(rows)}\n`);
}

function readsOf(
  { platform, world }: BenchEnvironment,
  token: string,
  { shipment, bare }: { shipment: number; bare: BareHono },
): Read[] {
  const pid = platform.pids.api;
  const headers = { authorization: `Bearer ${token}` };
  const read = (path: string, more: Partial<HttpLoad> = {}) => ({
    url: `${platform.apiUrl}${path}`,
    headers,
    connections: CONNECTIONS,
    ...more,
  });
  const stock = read("/inventory-items?quantity=10", { rate: STOCK_RATE });
  const track = read(`/shipments/${shipment}/track`, { connections: TRACK_CONNECTIONS, rate: TRACK_RATE });
  return [
    {
      what: "a bare Hono route, `c.json`",
      load: { url: bare.url, connections: CONNECTIONS },
      target: "",
      pid: bare.pid,
    },
    { what: "`GET /shipments/{id}`", load: read(`/shipments/${world.trucks.length}`), target: "ratio ≥ 0.4", pid },
    { what: "`GET /shipments?limit=50`", load: read("/shipments?limit=50"), target: "ratio ≥ 0.1", pid },
    {
      what: `the bare route, ${STOCK_RATE}/s`,
      load: { url: bare.url, connections: CONNECTIONS, rate: STOCK_RATE },
      target: "",
      pid: bare.pid,
    },
    { what: `\`GET /inventory-items?quantity=10\`, ${STOCK_RATE}/s`, load: stock, target: "p99 < 20 ms", pid },
    { what: `track of 24 h, ${TRACK_RATE}/s`, load: track, target: "p99 < 60 ms", pid },
  ];
}

/** All reads one after the other, while devices send `rate` readings a second. */
async function measureBlock(
  environment: BenchEnvironment,
  reads: readonly Read[],
  seconds: number,
  rate: number | undefined,
): Promise<Measured[]> {
  const rows: Measured[] = [];
  let bare: number | undefined;
  for (const { what, load, target, pid } of reads) {
    // The first second compiles the code and fills the cache.
    await loadHttp({ ...load, seconds: 2 });
    const before = await cpuSecondsOf(pid);
    const [result] = await Promise.all([
      loadHttp({ ...load, seconds }),
      rate === undefined ? undefined : sendReadings(environment, rate, seconds + 1),
    ]);
    const cpuMicroseconds = (((await cpuSecondsOf(pid)) - before) * 1e6) / result.requests;
    bare ??= result.perSecond;
    const ratio = load.rate === undefined ? result.perSecond / bare : undefined;
    const row = { what, ingest: rate, result, cpuMicroseconds, ratio, target };
    rows.push(row);
    process.stderr.write(`${lineOf(row)}\n`);
  }
  return rows;
}

async function sendReadings({ platform, progress, ...environment }: BenchEnvironment, rate: number, seconds: number) {
  await runOnPlatform(platform, progress, await environment.clients("gateways"), { rate, seconds });
}

interface BareHono {
  url: string;
  pid: number;
}

async function startBareHono({ components }: BenchContext): Promise<BareHono> {
  const child = fork(projectFile("infra/bench/api/bare-hono.mjs"), { stdio: ["ignore", 2, 2, "ipc"] });
  components.register("bare Hono", {
    async close() {
      const exited = once(child, "exit");
      if (child.exitCode === null && child.signalCode === null && child.kill("SIGTERM")) await exited;
    },
  });
  const [port] = (await once(child, "message")) as [number];
  return { url: `http://127.0.0.1:${port}/`, pid: child.pid! };
}

function tableOf(rows: readonly Measured[]): string {
  const titles = ["What", "Readings taken in meanwhile", "requests/s", "p50 ms", "p99 ms", "CPU µs", "ratio", "target"];
  return [`| ${titles.join(" | ")} |`, `|${"---|".repeat(titles.length)}`, ...rows.map(lineOf)].join("\n");
}

function lineOf({ what, ingest, result, cpuMicroseconds, ratio, target }: Measured): string {
  const readings = ingest === undefined ? "" : `${ingest.toLocaleString("en-US")}/s`;
  const figures = [
    Math.round(result.perSecond).toLocaleString("en-US"),
    result.p50.toFixed(1),
    result.p99.toFixed(1),
    Math.round(cpuMicroseconds),
  ];
  return `| ${[what, readings, ...figures, ratio?.toFixed(2) ?? "", target].join(" | ")} |`;
}
