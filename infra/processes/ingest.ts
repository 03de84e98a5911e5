import { join } from "node:path";
import { openJournalReader } from "../../broker/journal/segment-reader.ts";
import { startIngest } from "../../ingest/start.ts";
import { connectLazily, influxSettings } from "../influx/lazy-connection.ts";
import { runProcess } from "../runtime/lifecycle.ts";
import { createListener } from "../postgres/listener.ts";
import { createProcessPool } from "../postgres/process-pool.ts";
import { startHealthReports } from "../supervisor/health-reports.ts";
import { yieldToBroker } from "../runtime/yield-to-broker.ts";

// Decodes the messages in the journal of this node, and derives facts from them.
await runProcess("ingest", async (context) => {
  const { config, log, components } = context;
  yieldToBroker(log);
  const pool = createProcessPool(context, 8);
  const listener = components.register("Postgres listener", createListener(pool, log));
  const settings = influxSettings(config);
  const ingest = await startIngest({
    pool,
    listener,
    openJournal: () => openJournalReader({ directory: config.journalDirectory, log }),
    influx: settings && connectLazily(settings),
    seriesCursorPath: join(config.dataDirectory, "series-cursor.json"),
    retentionRawDays: config.RETENTION_RAW_DAYS,
    log,
  });
  components.register("journal consumers", ingest);
  const health = async () => {
    const { state, series, late, due } = await ingest.status();
    const lastError = state.lastError ?? series?.lastError ?? late.lastError ?? due.lastError;
    return {
      ingest: lastError === undefined ? { ok: true } : { ok: false, detail: "a store does not accept readings" },
      lag: { ok: true, detail: Math.max(state.lagBytes, series?.lagBytes ?? 0) },
      late: { ok: true, detail: late.waiting },
    };
  };
  components.register("health reports", startHealthReports(health, log));
  return {};
});
