import { forgetDepartedTags, type RetentionOptions } from "../reprocessing/retention.ts";
import { forgetAudit } from "../stores/queries/retention/audit-chain.ts";
import { forgetRemovedDevices } from "../stores/queries/retention/departed-tags.ts";
import {
  deleteExpired,
  EXPIRING_TABLES,
  type Retention,
  thinCheckpoints,
} from "../stores/queries/retention/expired-rows.ts";
import { forgetRegistryChanges } from "../stores/queries/registry/changes.ts";
import { deleteOldEvents, deleteUnreportedEvents } from "../stores/queries/retention/old-events.ts";
import { deleteEndedDwells } from "../stores/queries/unit-dwell.ts";

export interface CleanupStep {
  /** in words, for `/readyz` */
  name: string;
  /** whose rows it deletes */
  tables: readonly string[];
  /** deletes at most `limit` rows; resolves to how many */
  run(options: RetentionOptions, limit: number, retention: Retention): Promise<number>;
}

/** Tables of raw readings; a day of them is deleted as a whole (reprocessing/retention.ts). */
export const TABLES_BY_DAY = [
  "gps_readings",
  "scale_readings",
  "env_readings",
  "reading_ids",
  "rfid_reads",
  "scans",
  "vehicle_readings",
  "status_reports",
  "raw_messages",
  "reading_flags",
  "reading_days",
];

/** What is deleted once an hour, row by row. `test/ingest/workers/bounded-tables.test.ts` finds a table that nothing bounds. */
export const CLEANUP_STEPS: readonly CleanupStep[] = [
  ...EXPIRING_TABLES.map((table): CleanupStep => ({
    name: table,
    tables: [table],
    run: ({ stores }, limit, retention) => deleteExpired(stores.pool, table, limit, retention),
  })),
  {
    name: "log of events",
    tables: ["outbound_events"],
    run: ({ stores }, limit) => deleteOldEvents(stores.pool, limit),
  },
  unreportedEvents(),
  {
    name: "audit",
    tables: ["audit"],
    run: ({ stores }, limit, { auditDays }) => forgetAudit(stores.pool, limit, auditDays),
  },
  {
    name: "hourly checkpoints",
    tables: ["signal_checkpoints"],
    run: ({ stores }, limit) => thinCheckpoints(stores.pool, limit),
  },
  {
    name: "changes of the registry",
    tables: ["registry_changes"],
    run: ({ stores }, limit) => forgetRegistryChanges(stores.pool, limit),
  },
  {
    name: "dwells of units",
    tables: ["unit_dwells"],
    run: ({ stores }, limit) => deleteEndedDwells(stores.pool, limit),
  },
  { name: "tags that have gone", tables: ["tag_states", "signal_checkpoints"], run: forgetDepartedTags },
  {
    name: "removed devices",
    tables: ["device_states", "tag_states", "signal_checkpoints"],
    run: ({ stores }, limit, { rawDays }) => forgetRemovedDevices(stores.pool, limit, rawDays),
  },
];

/** The log tells once of all that a cleanup has deleted. */
function unreportedEvents(): CleanupStep {
  let total = 0;
  return {
    name: "events that no relay has told",
    tables: ["outbox"],
    async run({ stores }, limit) {
      const deleted = await deleteUnreportedEvents(stores.pool, limit);
      total += deleted;
      if (deleted === limit || total === 0) return deleted;
      stores.log.warn({ events: total }, "outbox rows that no relay has processed within 7 days were deleted");
      total = 0;
      return deleted;
    },
  };
}
