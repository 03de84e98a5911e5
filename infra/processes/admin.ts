import { ADMIN_USAGE, readAdminCommand } from "../../api/auth/admin-commands.ts";
import { createAuditWriter } from "../../api/http/audit/queries.ts";
import { publicUrl } from "../config/config.ts";
import { withCommandDatabase } from "../postgres/command-database.ts";
import { readConfigOrExit } from "../runtime/lifecycle.ts";
import { createLogger } from "../runtime/logger.ts";
import { maskSecrets } from "../runtime/mask-secrets.ts";
import { createRefusalLimit } from "../runtime/refusal-limit.ts";

// `npm run admin -- reset EMAIL`, `keys`, `retire-key KID`: what is done on the machine, where no password is asked for.
try {
  const run = readAdminCommand(process.argv.slice(2));
  const config = readConfigOrExit();
  const log = createLogger(config, "admin");
  // What the command prints is not to be searched for among lines of the log.
  if (config.LOG_LEVEL === "info") log.level = "warn";
  const text = await withCommandDatabase(config, log, { max: 2 }, (pool) =>
    run({
      pool,
      publicUrl: publicUrl(config, config.listeners.http?.port ?? 0),
      addAuditEntry: createAuditWriter(maskSecrets, createRefusalLimit()),
    }),
  );
  process.stdout.write(`${text}\n`);
} catch (error) {
  const isUsage = error instanceof TypeError;
  process.stderr.write(`admin: ${(error as Error).message}\n${isUsage ? `${ADMIN_USAGE}\n` : ""}`);
  process.exitCode = isUsage ? 2 : 1;
}
