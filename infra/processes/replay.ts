import { parseArgs } from "node:util";
import { replay } from "../../ingest/reprocessing/replay.ts";
import { connectLazily, influxSettings } from "../influx/lazy-connection.ts";
import { readConfigOrExit } from "../runtime/lifecycle.ts";
import { createLogger } from "../runtime/logger.ts";
import { withCommandDatabase } from "../postgres/command-database.ts";

// `npm run replay -- --since 2026-03-01T00:00:00Z` derives facts and state again from the readings measured since then.
const { values } = parseArgs({ options: { since: { type: "string" } } });
const since = Date.parse(values.since ?? "");
if (Number.isNaN(since)) {
  process.stderr.write(
    "replay: --since is missing or no ISO 8601 time: npm run replay -- --since 2026-03-01T00:00:00Z\n",
  );
  process.exit(2);
}
const config = readConfigOrExit();
const log = createLogger(config, "replay");
await withCommandDatabase(config, log, { max: 4, statementMs: 600_000 }, async (pool) => {
  const settings = influxSettings(config);
  const done = await replay({ pool, influx: settings && connectLazily(settings), since, log });
  process.stdout.write(
    `${done.signals} signals derived again, ${done.changedFacts} facts changed, ${done.folded} shipments and stock positions folded\n`,
  );
});
