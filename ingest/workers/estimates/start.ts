import type { Pool } from "pg";
import type { Logger } from "pino";
import type { StoredReadings } from "../../stores/queries/stored-readings.ts";
import { startArrivalEstimates } from "./arrival-estimates.ts";
import { startLaneHistory } from "./lane-history.ts";
import { startStopEstimates } from "./stop-estimates.ts";

/** Starts what keeps the history of lanes, and what estimates arrivals by it: of shipments, and at the stops of trips. */
export function startEstimates(pool: Pool, stored: StoredReadings, log: Logger): { close(): Promise<void> } {
  const loops = [startLaneHistory(pool, stored, log), startArrivalEstimates(pool, log), startStopEstimates(pool, log)];
  return {
    async close() {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}
