import { extname } from "node:path";
import type pg from "pg";
import type { Logger } from "pino";
import { environmentWith } from "../config/config.ts";
import type { Components } from "../runtime/lifecycle.ts";
import { startEmbeddedPostgres } from "../postgres/embedded/embedded-postgres.ts";
import { migrate } from "../postgres/migrate.ts";
import { createPool } from "../postgres/pool.ts";
import { SupervisedProcess } from "../supervisor/supervised-process.ts";
import { NODE_OPTIONS, processFile } from "../supervisor/supervisor.ts";
import { statOf } from "./process-times.ts";

export interface BenchPlatformOptions {
  /** where the platform keeps everything; removed by the caller */
  directory: string;
  components: Components;
  log: Logger;
  /** called once the schema is there, before the processes start */
  seed: (pool: pg.Pool) => Promise<void>;
  influx: { url: string; pid: number | undefined } | undefined;
  /** added to every flush of the journal and every commit of Postgres, milliseconds */
  syncDelayMs: number;
}

export interface BenchPlatform {
  pool: pg.Pool;
  mqttPort: number;
  /** process ids by name; Postgres by its first process */
  pids: Record<"broker" | "ingest" | "api" | "postgres", number>;
  apiUrl: string;
  directory: string;
  /** when InfluxDB keeps the series */
  influxPid: number | undefined;
  close(): Promise<void>;
}

/** The platform's own processes on a database of their own: what runs is what `npm start` runs, but for the page. */
export async function startBenchPlatform(options: BenchPlatformOptions): Promise<BenchPlatform> {
  const { directory, components, log, seed, influx, syncDelayMs } = options;
  const opened: { close(): Promise<void> }[] = [];
  const own = <T extends { close(): Promise<void> }>(name: string, part: T): T => {
    opened.push(part);
    return components.register(name, part);
  };
  const settings: Record<string, string> =
    syncDelayMs > 0 ? { commit_delay: String(syncDelayMs * 1000), commit_siblings: "0" } : {};
  const postgres = own("embedded Postgres", once(await startEmbeddedPostgres({ dataDir: directory, log, settings })));
  await migrate(postgres.url, log);
  const pool = createPool(postgres.url, { max: 4, applicationName: "waystock bench", log });
  own("Postgres pool", once({ close: () => pool.end() }));
  await seed(pool);
  const environment = environmentWith({
    DATA_DIR: directory,
    DATABASE_URL: postgres.url,
    DATABASE_URL_FILE: undefined,
    INFLUX_URL: influx?.url,
    INFLUX_API: influx && "v1",
    HOST: "127.0.0.1",
    MQTT_PORT: "0",
    MQTT_WS_PORT: "",
    HTTP_PORT: "0",
    API_RATE: "1000000/s",
    CONNECTS_PER_MINUTE: "1000000",
    LOG_LEVEL: "warn",
    LOG_PRETTY: "false",
  });
  const start = async (name: "broker" | "ingest" | "api", nodeOptions: readonly string[] = []) => {
    const description = {
      name,
      file: processFile(name),
      environment,
      nodeOptions: [...(NODE_OPTIONS[name] ?? []), ...nodeOptions],
      output: 2,
      stopWithinMs: 8_000,
    };
    const child = own(name, once(new SupervisedProcess(description, log)));
    return { child, ready: child.start() };
  };
  const broker = await start("broker", syncDelayMs > 0 ? ["--import", slowFsync(syncDelayMs)] : []);
  const mqttPort = Number((await broker.ready).ports?.["MQTT_PORT"]);
  const ingest = await start("ingest");
  const api = await start("api");
  const [, { urls = {} }] = await Promise.all([ingest.ready, api.ready]);
  return {
    pool,
    mqttPort,
    apiUrl: urls["api"] ?? "",
    directory,
    pids: {
      broker: broker.child.pid!,
      ingest: ingest.child.pid!,
      api: api.child.pid!,
      postgres: await postmasterOf(pool),
    },
    influxPid: influx?.pid,
    async close() {
      for (const part of opened.reverse()) await part.close();
    },
  };
}

/** The module that slows the journal's disk down, beside the running one: sources and compiled tree are laid out alike. */
function slowFsync(delayMs: number): string {
  return new URL(`./slow-fsync-disk${extname(import.meta.url)}?delayMs=${delayMs}`, import.meta.url).href;
}

async function postmasterOf(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return (await statOf(rows[0]!.pid))?.parent ?? 0;
}

/** Closed by the bench when it is done with it, and by the process if that comes first: only the first counts. */
function once<T extends { close(): Promise<void> }>(part: T): T {
  const close = part.close.bind(part);
  let closing: Promise<void> | undefined;
  part.close = () => (closing ??= close());
  return part;
}
