import { environmentTable } from "../config/table.ts";
import { shownEnvironment } from "../config/shown.ts";
import { readConfigOrExit } from "../lifecycle.ts";

// `npm run config` shows the configuration in force, secrets masked; `npm run config -- --markdown` README's table.
const text = process.argv.includes("--markdown") ? environmentTable() : shownEnvironment(readConfigOrExit());
process.stdout.write(`${text}\n`);
