import { ensureAdministrator } from "../../api/auth/first-administrator.ts";
import { firstAdministrator } from "../first-administrator.ts";
import { runProcess } from "../lifecycle.ts";
import { startPlatform } from "../supervisor.ts";
import { withPool } from "../with-pool.ts";

// The platform for real use: `npm start`.
await runProcess("supervisor", async (surroundings) => {
  const { config, log } = surroundings;
  const { databaseUrl, urls } = await startPlatform(surroundings);
  const link = await withPool(databaseUrl, log, (pool) =>
    ensureAdministrator(pool, firstAdministrator(config), urls["api"] ?? config.PUBLIC_URL ?? ""),
  );
  log.info(urls, "ready");
  if (link !== undefined) log.info(`nobody can sign in yet; create the first administrator (once) at ${link}`);
  return { urls };
});
