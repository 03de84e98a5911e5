import { join } from "node:path";
import { openJournalReader } from "../../broker/journal/segment-reader.ts";
import { type Ingest, startIngest } from "../../ingest/start.ts";
import { POSTGRES_DISK_FULL } from "../../ingest/workers/loop.ts";
import { connectLazily, influxSettings } from "../influx/lazy-connection.ts";
import { runProcess } from "../runtime/lifecycle.ts";
import { createListener } from "../postgres/listener.ts";
import { createProcessPool } from "../postgres/process-pool.ts";
import type { ProvenPool } from "../postgres/proven-pool.ts";
import { degradedBy } from "../supervisor/health.ts";
import { ownFigures } from "../supervisor/figures.ts";
import { startHealthReports } from "../supervisor/health-reports.ts";
import { yieldToBroker } from "../runtime/yield-to-broker.ts";

const AUDIT_STANDS = "the audit's chain cannot go on, see the log of ingest";

type StateStatus = Awaited<ReturnType<Ingest["status"]>>["state"];

const MAINTENANCE_STATEMENT_MS = 600_000;

/** `/readyz` is public, and an error may name hosts: it shows the kind of the fault only. */
function publicReason(error: string): string {
  return error.startsWith(POSTGRES_DISK_FULL) ? POSTGRES_DISK_FULL : "a store does not accept readings";
}

/** A statement that takes so long is in doubt long before its time limit, milliseconds. */
const SILENT_AFTER_MS = 4_000;

function silenceOf({ longestLentMs }: ProvenPool): string | undefined {
  return longestLentMs < SILENT_AFTER_MS ? undefined : "Postgres has not answered for some seconds";
}

/** In words for the public; the log of ingest tells more. @param failing kinds of subject; empty: all is well */
const alertsStand = (lastError: string | undefined, failing: readonly string[]): string | undefined => {
  if (lastError === undefined && failing.length === 0) return undefined;
  const which = lastError === undefined ? `alerts about ${failing.join(", ")}` : "alerts";
  return `${which} are neither opened nor closed, see the log of ingest`;
};

/** What became of what was read, as figures. */
const countsOf = ({ counts: { stored, duplicate, late, quarantined, batches, conflicts } }: StateStatus) => ({
  readings_stored: stored,
  readings_duplicate: duplicate,
  readings_late: late,
  quarantined,
  batches,
  batch_conflicts: conflicts,
});

function setAsideOf({ setAside }: { setAside: number }): string | undefined {
  return setAside === 0
    ? undefined
    : `late readings could not be derived: see not-derived in the quarantine (${setAside})`;
}

// Decodes the messages in the journal of this node, and derives facts from them.
await runProcess("ingest", async (context) => {
  const { config, log, components } = context;
  yieldToBroker(log);
  const pool = createProcessPool(context, 8, { plansOnce: true });
  // Old days are dropped by one long statement now and then, for which nobody waits.
  const maintenancePool = createProcessPool(context, 1, { statementMs: MAINTENANCE_STATEMENT_MS });
  // Its statements are long, and each connection plans them anew: the same few connections take them all.
  const statePool = createProcessPool(context, 4, { plansOnce: true });
  const listener = components.register("Postgres listener", createListener(pool, log));
  const settings = influxSettings(config);
  const ingest = await startIngest({
    pool,
    maintenancePool,
    statePool,
    listener,
    openJournal: () => openJournalReader({ directory: config.journalDirectory, log }),
    influx: settings && connectLazily(settings),
    seriesCursorPath: join(config.dataDirectory, "series-cursor.json"),
    retentionRawDays: config.RETENTION_RAW_DAYS,
    retentionRollupDays: config.RETENTION_ROLLUP_DAYS,
    records: { quarantineDays: config.QUARANTINE_RETENTION_DAYS, auditDays: config.AUDIT_RETENTION_DAYS },
    log,
  });
  components.register("journal consumers", ingest);
  const own = ownFigures(pool, statePool);
  const health = async () => {
    const { state, series, late, due, alerts, auditChain, retention } = await ingest.status();
    const lastError = state.lastError ?? series?.lastError ?? late.lastError ?? due.lastError;
    const detail =
      lastError === undefined ? (silenceOf(pool) ?? silenceOf(statePool) ?? setAsideOf(late)) : publicReason(lastError);
    return {
      health: {
        ingest: degradedBy(detail),
        late: { ok: true, detail: late.waiting },
        alerts: degradedBy(alertsStand(alerts.lastError, alerts.failing)),
        // Entries are written, read and exported all the same: only that none was changed cannot be proven meanwhile.
        audit: degradedBy(auditChain && AUDIT_STANDS),
        retention: degradedBy(retention),
      },
      figures: {
        ...own(),
        ...countsOf(state),
        ingest_lag_bytes: { state: state.lagBytes, ...(series && { series: series.lagBytes }) },
        ...(state.lagSeconds !== undefined && { ingest_lag_seconds: state.lagSeconds }),
        late_signals: late.waiting,
      },
      unreadFrom: ingest.unreadFrom(),
    };
  };
  components.register("health reports", startHealthReports(health, log));
  return {};
});
