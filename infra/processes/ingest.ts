import { join } from "node:path";
import { openJournalReader } from "../../broker/journal/segment-reader.ts";
import { startIngest } from "../../ingest/start.ts";
import { connectedWhenNeeded, influxSettings } from "../influx/connected-when-needed.ts";
import { runProcess } from "../runtime/lifecycle.ts";
import { ownPool } from "../runtime/own-pool.ts";
import { reportRegularly } from "../supervisor/report-regularly.ts";
import { yieldToBroker } from "../runtime/yield-to-broker.ts";

// What a message means, and what follows from it: follows the journal of this node.
await runProcess("ingest", async (surroundings) => {
  const { config, log, parts } = surroundings;
  yieldToBroker(log);
  const pool = ownPool(surroundings, 8);
  const settings = influxSettings(config);
  const ingest = await startIngest({
    pool,
    openJournal: () => openJournalReader({ directory: config.journalDirectory, log }),
    influx: settings && connectedWhenNeeded(settings),
    seriesCursorPath: join(config.dataDirectory, "series-cursor.json"),
    retentionRawDays: config.RETENTION_RAW_DAYS,
    log,
  });
  parts.own("journal followers", ingest);
  const conditions = async () => {
    const { state, series, late, due } = await ingest.status();
    const trouble = state.trouble ?? series?.trouble ?? late.trouble ?? due.trouble;
    return {
      ingest: trouble === undefined ? { ok: true } : { ok: false, detail: "a store does not take readings now" },
      lag: { ok: true, detail: Math.max(state.lagBytes, series?.lagBytes ?? 0) },
      late: { ok: true, detail: late.waiting },
    };
  };
  parts.own("reports", reportRegularly(conditions, log));
  return {};
});
