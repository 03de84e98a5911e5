import { readConfigOrExit } from "../runtime/lifecycle.ts";
import { createLogger } from "../runtime/logger.ts";
import { startEmbeddedPostgres } from "../postgres/embedded/embedded-postgres.ts";
import { migrate } from "../postgres/migrate.ts";

// `npm run migrate` brings the schema of the database up to date and prints the migrations it ran.
const config = readConfigOrExit();
const log = createLogger(config, "migrate");
const embedded =
  config.DATABASE_URL === undefined ? await startEmbeddedPostgres({ dataDir: config.dataDirectory, log }) : undefined;
try {
  const ran = await migrate(config.DATABASE_URL ?? embedded?.url ?? "", log);
  process.stdout.write(ran.length === 0 ? "the schema is up to date\n" : `${ran.join("\n")}\n`);
} finally {
  await embedded?.close();
}
