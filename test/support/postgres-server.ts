import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino, type Logger } from "pino";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../../infra/postgres/embedded/embedded-postgres.ts";
import { migrate } from "../../infra/postgres/migrate.ts";
import { createPool } from "../../infra/postgres/pool.ts";
import { TEMPLATE } from "./postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** one server for the whole run; databases are made from `TEMPLATE` */
    postgresUrl: string;
    /** the same server for its superuser, who makes databases */
    postgresAdminUrl: string;
  }
}

async function createTemplate(serverUrl: string, adminUrl: string, log: Logger): Promise<void> {
  const pool = createPool(adminUrl, { max: 1, applicationName: "waystock tests" });
  try {
    await pool.query(`CREATE DATABASE ${TEMPLATE} OWNER waystock_platform`);
  } finally {
    await pool.end();
  }
  const template = new URL(serverUrl);
  template.pathname = `/${TEMPLATE}`;
  await migrate(template.href, log);
}

/** Starts one embedded Postgres for the run, with a migrated template database. Nothing in it outlives the run. */
export default async function startPostgresServer(project: TestProject): Promise<() => Promise<void>> {
  const log = pino({ level: "warn" });
  const dataDir = await mkdtemp(join(tmpdir(), "waystock-test-"));
  const server = await startEmbeddedPostgres({
    dataDir,
    log,
    // Speed: a test database that loses its last second in a power cut is no loss.
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" },
  });
  const stop = async (): Promise<void> => {
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const adminUrl = new URL(server.url);
    adminUrl.username = "waystock";
    adminUrl.password = (await readFile(join(dataDir, "postgres", "cluster", "waystock-password"), "utf8")).trim();
    await createTemplate(server.url, adminUrl.href, log);
    project.provide("postgresAdminUrl", adminUrl.href);
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide("postgresUrl", server.url);
  return stop;
}
