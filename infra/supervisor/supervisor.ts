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

/** How long each may take to stop; together with Postgres below the 10 s a whole stop may take. */
const STOP_WITHIN_MS = { ingest: 3_000, broker: 2_000, api: 2_000 };

/**
 * Ingest holds some thousand readings while their statement runs. With Node's 16 MB for young objects they are copied
 * three times and die old: a fifth of its time (measured at 25,000 readings a second). What the broker makes dies within
 * a flush: with half of Node's room it is as fast, and whoever sends it nonsense for hours makes it grow by half as much.
 */
export const NODE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  ingest: ["--max-semi-space-size=64"],
  broker: ["--max-semi-space-size=8"],
};

export interface PlatformOptions {
  /** variables that differ from ours */
  environment?: RawEnvironment;
  /** file descriptor the processes write to; ours by default */
  output?: number;
}

export interface Platform {
  databaseUrl: string;
  /** addresses of all listeners, by name */
  urls: Record<string, string>;
  /** how all components stand now */
  health: () => Health;
}

/** The script of one of our processes, beside the running one: sources and compiled tree are laid out alike. */
export function processFile(name: string): string {
  return fileURLToPath(new URL(`../processes/${name}${extname(import.meta.url)}`, import.meta.url));
}

/**
 * Starts the platform: a database, its schema, and the three processes, which are started again when they die. They
 * stop in the order of a reading's way back: first nobody asks, then nothing comes in, then the rest is derived.
 */
export async function startPlatform(own: ProcessContext, options: PlatformOptions = {}): Promise<Platform> {
  const { components, log } = own;
  if (own.config.ignoredVariables.length > 0)
    log.warn({ variables: own.config.ignoredVariables }, "these variables have no effect yet");
  const databaseUrl = await startDatabase(own);
  const environment = environmentWith({
    ...options.environment,
    DATABASE_URL: databaseUrl,
    DATABASE_URL_FILE: undefined,
  });
  let health: Health = {};
  const names = (["ingest", "broker", "api"] as const).filter((name) => name !== "api" || own.config.listeners.http);
  const processes = names.map((name) => {
    const onHealth = (reported: Health) => {
      health = { ...health, ...reported };
      for (const each of processes) each.send({ health });
    };
    const nodeOptions = NODE_OPTIONS[name] ?? [];
    const description = { name, file: processFile(name), environment, nodeOptions, stopWithinMs: STOP_WITHIN_MS[name] };
    return new SupervisedProcess({ ...description, output: options.output, onHealth }, log);
  });
  for (const [index, each] of processes.entries()) components.register(names[index] ?? "", each);
  const ready = await Promise.all(processes.map((each) => each.start()));
  const urls = Object.assign({}, ...ready.map((offered) => offered.urls ?? {})) as Record<string, string>;
  return { databaseUrl, urls, health: () => health };
}

async function startDatabase({ config, log, components }: ProcessContext): Promise<string> {
  const url = config.DATABASE_URL ?? (await startOwnDatabase({ config, log, components }));
  await withPool(url, log, (pool) => waitForPostgres(pool, { seconds: 30, log }));
  await migrate(url, log);
  return url;
}

async function startOwnDatabase({ config, log, components }: ProcessContext): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDirectory, log });
  return components.register("embedded Postgres", postgres).url;
}
