import pg from "pg";
import type { Logger } from "pino";

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

interface PoolOptions {
  /** the most connections held at once */
  max: number;
  /** shown in `pg_stat_activity` */
  applicationName: string;
  /** receives a warning when an idle connection breaks; the pool replaces the connection by itself */
  log?: Logger;
}

/** A connection pool on `url`. Sessions run in UTC, so that days and hours are the same on every server. */
export function createPool(url: string, { max, applicationName, log }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    options: "-c TimeZone=UTC",
    types: resultTypes,
  });
  // Without a listener a broken idle connection would exit the process. Queries report their own errors.
  pool.on("error", (error) => log?.warn({ err: error, pool: applicationName }, "idle Postgres connection lost"));
  return pool;
}
