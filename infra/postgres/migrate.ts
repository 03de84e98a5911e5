import { readdir } from "node:fs/promises";
import { runner } from "node-pg-migrate";
import type { Logger } from "pino";
import { projectFile } from "../runtime/project-file.ts";
import { dropStaleViews, fingerprintOf, makeViews } from "./limits/limited-views.ts";
import { withPool } from "./with-pool.ts";

/**
 * Brings the schema of the database at `url` up to date. Several processes may call it at once: an advisory lock makes
 * the others wait, then they find nothing to do. All pending migrations run in one transaction, so all apply or none. Then
 * the views for principals with limits are made, where they are not what they should be.
 * @returns the names of the migrations that ran
 */
export async function migrate(url: string, log: Logger): Promise<string[]> {
  const directory = projectFile("infra/postgres/migrations");
  const views = fingerprintOf((await readdir(directory)).sort());
  return withPool(url, log, async (pool) => {
    await dropStaleViews(pool, views);
    const names = await runMigrations(url, log, directory);
    await makeViews(pool, views);
    return names;
  });
}

async function runMigrations(url: string, log: Logger, directory: string): Promise<string[]> {
  const startedAt = performance.now();
  const ran = await runner({
    databaseUrl: { connectionString: url, application_name: "waystock migrate" },
    dir: directory,
    direction: "up",
    migrationsTable: "migrations",
    checkOrder: true,
    singleTransaction: true,
    advisoryLockMode: "wait",
    ignorePattern: "\\..*|.*(?<!\\.sql)",
    logger: {
      debug: (message) => log.debug(message),
      info: (message) => log.debug(message),
      warn: (message) => log.warn(message),
      error: (message) => log.error(message),
    },
  });
  const names = ran.map((migration) => migration.name);
  if (names.length > 0) {
    log.info({ migrations: names, milliseconds: Math.round(performance.now() - startedAt) }, "schema migrated");
  }
  return names;
}
