import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { RawEnvironment } from "../config/environment.ts";
import { environmentWith } from "../config/config.ts";
import type { Surroundings } from "../runtime/lifecycle.ts";
import { startEmbeddedPostgres } from "../postgres/embedded/embedded.ts";
import { migrate } from "../postgres/migrate.ts";
import { waitForPostgres } from "../postgres/wait.ts";
import type { Conditions } from "./ipc.ts";
import { SupervisedProcess } from "./supervised-process.ts";
import { withPool } from "../runtime/with-pool.ts";

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
  /** how all parts stand now */
  conditions: () => Conditions;
}

/** The script of one of our processes, beside the running one: sources and compiled tree are laid out alike. */
export function processFile(name: string): string {
  return fileURLToPath(new URL(`../processes/${name}${extname(import.meta.url)}`, import.meta.url));
}

/**
 * Starts the platform: a database, its schema, and the three processes, which are started again when they die. They
 * stop in the order of a reading's way back: first nobody asks, then nothing comes in, then the rest is derived.
 */
export async function startPlatform(own: Surroundings, options: PlatformOptions = {}): Promise<Platform> {
  const { parts, log } = own;
  if (own.config.inVain.length > 0) log.warn({ variables: own.config.inVain }, "these variables have no effect yet");
  const databaseUrl = await startDatabase(own);
  const environment = environmentWith({
    ...options.environment,
    DATABASE_URL: databaseUrl,
    DATABASE_URL_FILE: undefined,
  });
  let conditions: Conditions = {};
  const names = (["ingest", "broker", "api"] as const).filter((name) => name !== "api" || own.config.listeners.http);
  const processes = names.map((name) => {
    const onConditions = (reported: Conditions) => {
      conditions = { ...conditions, ...reported };
      for (const each of processes) each.tell({ conditions });
    };
    const nodeOptions = NODE_OPTIONS[name] ?? [];
    const description = { name, file: processFile(name), environment, nodeOptions, stopWithinMs: STOP_WITHIN_MS[name] };
    return new SupervisedProcess({ ...description, output: options.output, onConditions }, log);
  });
  for (const [index, each] of processes.entries()) parts.own(names[index] ?? "", each);
  const ready = await Promise.all(processes.map((each) => each.start()));
  const urls = Object.assign({}, ...ready.map((offered) => offered.urls ?? {})) as Record<string, string>;
  return { databaseUrl, urls, conditions: () => conditions };
}

async function startDatabase({ config, log, parts }: Surroundings): Promise<string> {
  const url = config.DATABASE_URL ?? (await startOwnDatabase({ config, log, parts }));
  await withPool(url, log, (pool) => waitForPostgres(pool, { seconds: 30, log }));
  await migrate(url, log);
  return url;
}

async function startOwnDatabase({ config, log, parts }: Surroundings): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDirectory, log });
  return parts.own("embedded Postgres", postgres).url;
}
