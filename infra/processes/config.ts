import { environmentTable } from "../config/environment-table.ts";
import { redactedEnvironment } from "../config/redacted.ts";
import { readConfigOrExit } from "../runtime/lifecycle.ts";

// `npm run config` prints the configuration in force, secrets masked; `npm run config -- --markdown` prints README's table.
const text = process.argv.includes("--markdown") ? environmentTable() : redactedEnvironment(readConfigOrExit());
process.stdout.write(`${text}\n`);
