import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { pino } from "pino";
import { inject } from "vitest";
import { createListener, type PostgresListener } from "../../infra/postgres/listener.ts";
import { createPool } from "../../infra/postgres/pool.ts";

/** Within this time work that the test has ended returns its connection, milliseconds. */
const RETURN_MS = 10_000;

/** On a busy machine the rows of a large installation take longer than a statement may in use, milliseconds. */
const STATEMENT_MS = 60_000;

/** The migrated, empty database that every test database is a copy of. */
export const TEMPLATE = "waystock_template";

export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  listener: PostgresListener;
  /** Closes the pool and drops the database. @throws when a connection that was lent has not come back after 10 s */
  drop(): Promise<void>;
}

async function onServer(statement: string): Promise<void> {
  const pool = createPool(inject("postgresAdminUrl"), { max: 1, applicationName: "waystock tests" });
  try {
    await pool.query(statement);
  } finally {
    await pool.end();
  }
}

/** A migrated database of its own for one test file: `const db = await createDatabase()`, `db.drop()` in afterAll. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} OWNER waystock_platform`);
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${name}`;
  const { pool, listener } = open(url.href);
  return {
    url: url.href,
    pool,
    listener,
    async drop() {
      await listener.close();
      const isReturned = await Promise.race([pool.end().then(() => true), sleep(RETURN_MS, false, { ref: false })]);
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
      // Fixtures are cleaned up without a time limit: the file would wait for ever.
      if (!isReturned) throw new Error(`${pool.totalCount} connections of the test's pool were lent and not returned`);
    },
  };
}

function open(url: string): Pick<TestDatabase, "pool" | "listener"> {
  const pool = createPool(url, { max: 10, applicationName: "waystock test", statementMs: STATEMENT_MS });
  return { pool, listener: createListener(pool, pino({ level: "silent" })) };
}

/** Connections of another process to a test database; `drop` closes them, and leaves the database. */
export function connectTo({ url }: Pick<TestDatabase, "url">): TestDatabase {
  const { pool, listener } = open(url);
  return {
    url,
    pool,
    listener,
    async drop() {
      await listener.close();
      await pool.end();
    },
  };
}
