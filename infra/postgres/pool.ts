import pg from "pg";
import type { Logger } from "pino";
import { ProvenPool } from "./proven-pool.ts";

/** How long a connection may take to be made, milliseconds. */
const CONNECT_MS = 5_000;
/** The server ends a statement that takes longer, milliseconds. */
const STATEMENT_MS = 10_000;
/** A query without any answer has failed this much later than the server would have ended it, milliseconds. */
const ANSWER_MS = 2_000;
/** The server ends a transaction whose client has been silent for so long, and with it its locks, milliseconds. */
const IDLE_TRANSACTION_MS = 15_000;
/** Silence after which either end asks whether the other is still there, milliseconds. */
const KEEP_ALIVE_MS = 5_000;
/** Connections that break at once are one message. */
const WARN_EVERY_MS = 10_000;

/** PostgreSQL's type ids of `int8` and `int8[]`. */
const INT8 = 20;
const INT8_ARRAY = 1016;

/** Parses an `int8` as a number. @throws RangeError when a double cannot hold it exactly: ids and counts are never rounded */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 value ${text} does not fit a JavaScript number`);
  return value;
}

function parseInt8Array(text: string): (number | null)[] {
  return text === "{}"
    ? []
    : text
        .slice(1, -1)
        .split(",")
        .map((element) => (element === "NULL" ? null : parseInt8(element)));
}

/** `int8` as number, `timestamptz` as Date (the driver's default). Set per connection, so other pools keep their types. */
const resultTypes: pg.CustomTypesConfig = {
  getTypeParser(id: number, format?: "text" | "binary") {
    if (format !== "binary" && id === INT8) return parseInt8;
    if (format !== "binary" && id === INT8_ARRAY) return parseInt8Array;
    return pg.types.getTypeParser(id, format);
  },
};

export interface PoolOptions {
  /** the most connections held at once */
  max: number;
  /** shown in `pg_stat_activity` */
  applicationName: string;
  /** receives a warning when idle connections break; the pool replaces them by itself */
  log?: Logger;
  /** how long a statement may take, milliseconds; more than the default for work that nobody waits for */
  statementMs?: number;
  /** each connection plans a prepared statement once, whatever its parameters: for statements that find rows by key */
  plansOnce?: boolean;
}

/**
 * A connection pool on `url` in which nothing waits for ever (docs/decisions/21-postgres-connections.md). Sessions run in
 * UTC, so that days and hours are the same on every server.
 */
export function createPool(
  url: string,
  { max, applicationName, log, statementMs = STATEMENT_MS, plansOnce = false }: PoolOptions,
): ProvenPool {
  const pool = new ProvenPool({
    connectionString: url,
    max,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: statementMs + ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    options: sessionOptions({
      TimeZone: "UTC",
      // Disks without arms: an index is worth its reads much earlier than the default of 4 says.
      random_page_cost: 1.1,
      statement_timeout: statementMs,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
      tcp_keepalives_idle: KEEP_ALIVE_MS / 1_000,
      tcp_keepalives_interval: 2,
      tcp_keepalives_count: 3,
      ...(plansOnce && { plan_cache_mode: "force_generic_plan" }),
    }),
    types: resultTypes,
  });
  let warnedAt = Number.NEGATIVE_INFINITY;
  // Without a listener a broken idle connection would exit the process. Queries report their own errors.
  pool.on("error", ({ message }) => {
    const isRepeat = performance.now() - warnedAt < WARN_EVERY_MS;
    // The error itself holds the connection, with all it has prepared.
    log?.[isRepeat ? "debug" : "warn"]({ reason: message, pool: applicationName }, "idle Postgres connection lost");
    if (!isRepeat) warnedAt = performance.now();
  });
  return pool;
}

function sessionOptions(settings: Record<string, string | number>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}
