import { runner } from "node-pg-migrate";
import type { Logger } from "pino";
import { projectFile } from "../runtime/project-file.ts";

/**
 * Brings the schema of the database at `url` up to date. Several processes may call it at once: an advisory lock makes
 * the others wait, then they find nothing to do. All pending migrations run in one transaction, so all apply or none.
 * @returns the names of the migrations that ran
 */
export async function migrate(
  url: string,
  log: Logger,
  directory: string = projectFile("infra/postgres/migrations"),
): Promise<string[]> {
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
