import { randomBytes } from "node:crypto";
import type pg from "pg";
import { pino } from "pino";
import { inject } from "vitest";
import { createListener, type PostgresListener } from "../../infra/postgres/listener.ts";
import { createPool } from "../../infra/postgres/pool.ts";

/** The migrated, empty database that every test database is a copy of. */
export const TEMPLATE = "waystock_template";

export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  listener: PostgresListener;
  /** Closes the pool and drops the database, whoever is still connected. */
  drop(): Promise<void>;
}

async function onServer(statement: string): Promise<void> {
  const pool = createPool(inject("postgresUrl"), { max: 1, applicationName: "waystock tests" });
  try {
    await pool.query(statement);
  } finally {
    await pool.end();
  }
}

/** A migrated database of its own for one test file: `const db = await createDatabase()`, `db.drop()` in afterAll. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${name}`;
  const pool = createPool(url.href, { max: 10, applicationName: "waystock test" });
  const listener = createListener(pool, pino({ level: "silent" }));
  return {
    url: url.href,
    pool,
    listener,
    async drop() {
      await listener.close();
      await pool.end();
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
