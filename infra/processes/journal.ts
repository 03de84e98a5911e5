import { once } from "node:events";
import { formatJson, formatText } from "../journal-dump/format.ts";
import { readDumpOptions, USAGE } from "../journal-dump/options.ts";
import { readJournal } from "../journal-dump/read-journal.ts";
import { readConfigOrExit } from "../runtime/lifecycle.ts";

// `npm run journal -- dump` prints what lies in a journal: segments, frames, messages, damage.
process.stdout.on("error", () => process.exit());
try {
  const { directory = readConfigOrExit().journalDirectory, from, json } = readDumpOptions(process.argv.slice(2));
  const format = json ? formatJson : formatText;
  for await (const entry of readJournal(directory, from)) {
    if (!process.stdout.write(`${format(entry)}\n`)) await once(process.stdout, "drain");
  }
} catch (error) {
  const isUsage = error instanceof TypeError;
  process.stderr.write(`journal: ${(error as Error).message}\n${isUsage ? `${USAGE}\n` : ""}`);
  process.exitCode = isUsage ? 2 : 1;
}
