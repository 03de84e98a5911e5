import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { RawEnvironment } from "../config/environment.ts";
import { environmentWith } from "../config/config.ts";
import type { ProcessContext } from "../runtime/lifecycle.ts";
import { ensureSecretsKey } from "../runtime/secrets-key.ts";
import { startEmbeddedPostgres } from "../postgres/embedded/embedded-postgres.ts";
import { migrate } from "../postgres/migrate.ts";
import { warnOfSuperuser } from "../postgres/warn-of-superuser.ts";
import { waitForPostgres } from "../postgres/wait-for-postgres.ts";
import type { Position } from "../../broker/journal/journal.ts";
import type { Component } from "../runtime/components.ts";
import { FigureBoard } from "./figures.ts";
import { believedHealth, EMBEDDED_POSTGRES, type Health, HealthBoard } from "./health.ts";
import { startJournalLag } from "./journal-lag.ts";
import { SupervisedProcess } from "./supervised-process.ts";
import { withPool } from "../postgres/with-pool.ts";

/** Time limits for a stop; together with Postgres they stay below the 10 s that a whole stop may take. */
const STOP_WITHIN_MS = { ingest: 3_000, broker: 2_000, api: 2_000 };
/** Every process sends something every second. One that has sent nothing for a minute is frozen, and is replaced. */
const SILENT_FOR_MS = 60_000;

/**
 * Ingest holds some thousand readings while their statement runs. With Node's default of 16 MB for young objects the
 * garbage collector copies them three times and promotes them: a fifth of the CPU time at 25,000 readings a second. Behind a
 * burst its batches are at their largest: there it derives a fifth more with 128 MB than with 64 MB (both measured).
 * The broker's objects live no longer than one flush: with half the default it is as fast, and hours of malformed traffic
 * make it grow half as much.
 */
export const NODE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  ingest: ["--max-semi-space-size=128"],
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
  const { url: databaseUrl, problem } = await startDatabase(context);
  const environment = environmentWith({
    ...options.environment,
    DATABASE_URL: databaseUrl,
    DATABASE_URL_FILE: undefined,
  });
  const board = new HealthBoard();
  const figures = new FigureBoard();
  const onHealth = (reported: Health) => {
    board.add(reported, performance.now());
    const now = performance.now();
    const message = { health: board.reports(now), figures: figures.reports(now) };
    for (const { process } of processes) process.send(message);
  };
  let unreadFrom: Position | undefined;
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
        silentForMs: SILENT_FOR_MS,
        onHealth,
        onMessage(message) {
          unreadFrom = message.unreadFrom ?? unreadFrom;
          if (message.figures) figures.add(name, message.figures, performance.now());
        },
      },
      log,
    );
    return { name, process: components.register(name, process) };
  });
  components.register(
    "journal lag",
    startJournalLag(context.config.journalDirectory, () => unreadFrom, onHealth, log),
  );
  if (problem) components.register("database health", reportDatabase(problem, onHealth));
  const ready = await Promise.all(processes.map(({ process }) => process.start()));
  const urls = Object.assign({}, ...ready.map(({ urls = {} }) => urls)) as Record<string, string>;
  const ports = Object.assign({}, ...ready.map(({ ports = {} }) => ports)) as Record<string, string>;
  return { databaseUrl, urls, ports, health: () => believedHealth(board.reports(performance.now()), 0), processes };
}

interface Database {
  url: string;
  /** why an embedded server does not run now; undefined: Postgres is not ours */
  problem?: () => string | undefined;
}

async function startDatabase({ config, log, components }: ProcessContext): Promise<Database> {
  if (config.DATABASE_URL === undefined) await ensureSecretsKey(config);
  const database =
    config.DATABASE_URL === undefined
      ? components.register("embedded Postgres", await startEmbeddedPostgres({ dataDir: config.dataDirectory, log }))
      : { url: config.DATABASE_URL };
  await withPool(database.url, log, async (pool) => {
    await waitForPostgres(pool, { seconds: 30, log });
    await warnOfSuperuser(pool, log);
  });
  await migrate(database.url, log);
  return database;
}

const REPORT_EVERY_MS = 1_000;

/** Tells the API why the embedded server does not answer: only its supervisor knows. */
function reportDatabase(problem: () => string | undefined, onHealth: (health: Health) => void): Component {
  const timer = setInterval(() => {
    const detail = problem();
    onHealth({ [EMBEDDED_POSTGRES]: detail === undefined ? { ok: true } : { ok: false, detail } });
  }, REPORT_EVERY_MS);
  return { close: async () => clearInterval(timer) };
}
