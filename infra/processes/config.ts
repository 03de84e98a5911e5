import { environmentTable } from "../config/environment-table.ts";
import { redactedEnvironment } from "../config/redacted.ts";
import { readConfigOrExit } from "../runtime/lifecycle.ts";

// `npm run config` prints the configuration in force, secrets masked; `npm run config -- --markdown` prints README's table.
if (process.argv.includes("--markdown")) process.stdout.write(`${environmentTable()}\n`);
else {
  const config = readConfigOrExit();
  process.stdout.write(`${redactedEnvironment(config)}\n`);
  const { ignoredVariables } = config;
  if (ignoredVariables.length > 0)
    process.stderr.write(`not implemented, without effect: ${ignoredVariables.join(", ")}\n`);
}
