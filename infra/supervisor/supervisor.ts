import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { RawEnvironment } from "../config/environment.ts";
import { environmentWith } from "../config/config.ts";
import type { ProcessContext } from "../runtime/lifecycle.ts";
import { startEmbeddedPostgres } from "../postgres/embedded/embedded-postgres.ts";
import { migrate } from "../postgres/migrate.ts";
import { waitForPostgres } from "../postgres/wait-for-postgres.ts";
import type { Health } from "./ipc.ts";
import { SupervisedProcess } from "./supervised-process.ts";
import { withPool } from "../postgres/with-pool.ts";

/** Time limits for a stop; together with Postgres they stay below the 10 s that a whole stop may take. */
const STOP_WITHIN_MS = { ingest: 3_000, broker: 2_000, api: 2_000 };

/**
 * Ingest holds some thousand readings while their statement runs. With Node's default of 16 MB for young objects the
 * garbage collector copies them three times and promotes them: a fifth of the CPU time at 25,000 readings a second
 * (measured). The broker's objects live no longer than one flush: with half the default it is as fast, and hours of
 * malformed traffic make it grow half as much.
 */
export const NODE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  ingest: ["--max-semi-space-size=64"],
  broker: ["--max-semi-space-size=8"],
};

const PROCESSES = ["ingest", "broker", "api"] as const;
export type PlatformProcess = (typeof PROCESSES)[number];

export interface PlatformOptions {
  /** environment variables that differ from ours */
  environment?: RawEnvironment;
  /** options of Node itself, for every process */
  nodeOptions?: readonly string[];
  /** file descriptor for the output of the processes; ours by default */
  output?: number;
}

export interface Platform {
  databaseUrl: string;
  /** addresses of all listeners, by name */
  urls: Record<string, string>;
  /** the ports the listeners are bound to, by variable */
  ports: Record<string, string>;
  /** the health of all components now */
  health: () => Health;
  /** the processes, in the order in which they start */
  processes: readonly { name: PlatformProcess; process: SupervisedProcess }[];
}

/** The script of the process `name`. The sources and the compiled tree have the same layout, so both find their own. */
export function processFile(name: string): string {
  return fileURLToPath(new URL(`../processes/${name}${extname(import.meta.url)}`, import.meta.url));
}

/**
 * Starts the platform: a database, its schema, and the three processes, which are restarted when they exit. They stop
 * in the order api, broker, ingest: no more queries, then no more messages, then ingest finishes what the journal holds.
 */
export async function startPlatform(context: ProcessContext, options: PlatformOptions = {}): Promise<Platform> {
  const { components, log } = context;
  const databaseUrl = await startDatabase(context);
  const environment = environmentWith({
    ...options.environment,
    DATABASE_URL: databaseUrl,
    DATABASE_URL_FILE: undefined,
  });
  let health: Health = {};
  const onHealth = (reported: Health) => {
    health = { ...health, ...reported };
    for (const { process } of processes) process.send({ health });
  };
  const processes = PROCESSES.filter((name) => name !== "api" || context.config.listeners.http).map((name) => {
    const nodeOptions = [...(options.nodeOptions ?? []), ...(NODE_OPTIONS[name] ?? [])];
    const process = new SupervisedProcess(
      {
        name,
        file: processFile(name),
        environment,
        nodeOptions,
        output: options.output,
        stopWithinMs: STOP_WITHIN_MS[name],
        onHealth,
      },
      log,
    );
    return { name, process: components.register(name, process) };
  });
  const ready = await Promise.all(processes.map(({ process }) => process.start()));
  const urls = Object.assign({}, ...ready.map(({ urls = {} }) => urls)) as Record<string, string>;
  const ports = Object.assign({}, ...ready.map(({ ports = {} }) => ports)) as Record<string, string>;
  return { databaseUrl, urls, ports, health: () => health, processes };
}

async function startDatabase({ config, log, components }: ProcessContext): Promise<string> {
  const url = config.DATABASE_URL ?? (await startOwnPostgres({ config, log, components }));
  await withPool(url, log, (pool) => waitForPostgres(pool, { seconds: 30, log }));
  await migrate(url, log);
  return url;
}

async function startOwnPostgres({ config, log, components }: ProcessContext): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDirectory, log });
  return components.register("embedded Postgres", postgres).url;
}
