import { extname } from "node:path";
import type pg from "pg";
import type { Logger } from "pino";
import { environmentWith } from "../config/config.ts";
import type { Components } from "../runtime/components.ts";
import { startEmbeddedPostgres } from "../postgres/embedded/embedded-postgres.ts";
import { migrate } from "../postgres/migrate.ts";
import { createPool } from "../postgres/pool.ts";
import { SupervisedProcess } from "../supervisor/supervised-process.ts";
import { NODE_OPTIONS, processFile } from "../supervisor/supervisor.ts";
import { statOf } from "./process-times.ts";

export interface BenchPlatformOptions {
  /** the platform's data directory; the caller removes it */
  directory: string;
  components: Components;
  log: Logger;
  /** called after the migrations, before the processes start */
  seed: (pool: pg.Pool) => Promise<void>;
  influx: { url: string; pid: number | undefined } | undefined;
  /** added to every flush of the journal and every commit of Postgres, milliseconds */
  syncDelayMs: number;
}

export interface BenchPlatform {
  pool: pg.Pool;
  mqttPort: number;
  /** process ids by name; of Postgres the postmaster */
  pids: Record<"broker" | "ingest" | "api" | "postgres", number>;
  apiUrl: string;
  directory: string;
  /** set when InfluxDB holds the series */
  influxPid: number | undefined;
  close(): Promise<void>;
}

/** Starts the processes that `npm start` runs, on their own embedded Postgres. */
export async function startBenchPlatform(options: BenchPlatformOptions): Promise<BenchPlatform> {
  const { directory, components, log, seed, influx, syncDelayMs } = options;
  const opened: { close(): Promise<void> }[] = [];
  const register = <T extends { close(): Promise<void> }>(name: string, component: T): T => {
    opened.push(component);
    return components.register(name, component);
  };
  const settings: Record<string, string> =
    syncDelayMs > 0 ? { commit_delay: String(syncDelayMs * 1000), commit_siblings: "0" } : {};
  const postgres = register(
    "embedded Postgres",
    once(await startEmbeddedPostgres({ dataDir: directory, log, settings })),
  );
  await migrate(postgres.url, log);
  const pool = createPool(postgres.url, { max: 4, applicationName: "waystock bench", log });
  register("Postgres pool", once({ close: () => pool.end() }));
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
  const start = (name: "broker" | "ingest" | "api", nodeOptions: readonly string[] = []) => {
    const description = {
      name,
      file: processFile(name),
      environment,
      nodeOptions: [...(NODE_OPTIONS[name] ?? []), ...nodeOptions],
      output: 2,
      stopWithinMs: 8_000,
    };
    const child = register(name, once(new SupervisedProcess(description, log)));
    return { child, ready: child.start() };
  };
  const broker = start("broker", syncDelayMs > 0 ? ["--import", slowFsync(syncDelayMs)] : []);
  const mqttPort = Number((await broker.ready).ports?.["MQTT_PORT"]);
  const ingest = start("ingest");
  const api = start("api");
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
      for (const component of opened.reverse()) await component.close();
    },
  };
}

/** The URL of the module that slows fsync down. The sources and the compiled tree have the same layout. */
function slowFsync(delayMs: number): string {
  return new URL(`./slow-fsync-disk${extname(import.meta.url)}?delayMs=${delayMs}`, import.meta.url).href;
}

async function postmasterOf(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return (await statOf(rows[0]!.pid))?.parent ?? 0;
}

/** Makes `close` idempotent: the bench closes each component, and so does the process if it stops earlier. */
function once<T extends { close(): Promise<void> }>(component: T): T {
  const close = component.close.bind(component);
  let closing: Promise<void> | undefined;
  component.close = () => (closing ??= close());
  return component;
}
