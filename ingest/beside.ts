import type { Pool } from "pg";
import type { Logger } from "pino";
import { startCustodyLogs } from "./reprocessing/custody-start.ts";
import { startRollups } from "./rollups/rollup-worker.ts";
import { startCountScheduler } from "./workers/count-scheduler.ts";
import { startEstimates } from "./workers/estimates/start.ts";
import { startLedgerCheck } from "./workers/ledger-check.ts";
import { startLotHolds } from "./workers/lot-holds.ts";
import { startReservationExpiry } from "./workers/reservation-expiry.ts";
import { startReorderWorker } from "./workers/reorder-worker.ts";
import type { StoredReadings } from "./stores/queries/stored-readings.ts";

interface BesideOptions {
  pool: Pool;
  /** for statements that take long */
  maintenancePool: Pool;
  stored: StoredReadings;
  retentionRollupDays: number;
  log: Logger;
}

/** Workers of their own that follow what is committed; none of them holds up readings, and nothing asks how they are. */
export function startBeside({ pool, maintenancePool, stored, retentionRollupDays, log }: BesideOptions): {
  close(): Promise<void>;
} {
  const workers = [
    startReorderWorker(pool, log),
    startEstimates(pool, stored, log),
    startCustodyLogs(pool, log),
    startReservationExpiry(pool, log),
    startLotHolds(pool, log),
    startRollups(pool, retentionRollupDays, log),
    startLedgerCheck(maintenancePool, log),
    startCountScheduler(maintenancePool, log),
  ];
  return {
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
