import type { Pool } from "pg";
import type { Logger } from "pino";
import { transaction } from "../decisions/record-facts.ts";
import { estimateArrival, isInTime } from "../domain/shipment/arrival-estimate.ts";
import { readFences } from "../stores/queries/registry/fences.ts";
import {
  type EstimateRow,
  extendTrails,
  loadUnderWay,
  positionsOfShipments,
  writeEstimates,
} from "../stores/queries/restock/arrival-estimates.ts";
import { runWrites } from "../stores/statement.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";
import { type Loop, startLoop } from "./loop.ts";

const INTERVAL_MS = 5_000;
/** Estimates take a tenth of the time at most. */
const PAUSE = 9;

/**
 * Estimates when shipments of products will be at their destinations, by the live positions of their vehicles: what comes later than
 * goods that were ordered now does not count as projected stock. Commits of positions do nothing for it.
 */
export function startArrivalEstimates(pool: Pool, log: Logger): Loop {
  let nextMs = 0;
  async function tick(): Promise<boolean> {
    const began = performance.now();
    if (began < nextMs) return false;
    await estimateArrivals(pool);
    nextMs = performance.now() + PAUSE * (performance.now() - began);
    return false;
  }
  return startLoop("arrival estimates", tick, log, INTERVAL_MS);
}

/** Estimates all arrivals once. Any number of nodes may run it: one at a time does. */
export function estimateArrivals(pool: Pool): Promise<void> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ mine: boolean; now: number }>(
      "SELECT pg_try_advisory_xact_lock(hashtext('waystock arrivals')) AS mine, extract(epoch FROM now())::float8 * 1000 AS now",
    );
    const { mine, now } = rows[0]!;
    if (!mine) return;
    await extendTrails(client);
    const underWay = await loadUnderWay(client);
    const fences = await readFences(client, [...new Set(underWay.map(({ destinationId }) => destinationId))]);
    const estimates = underWay.map((each): EstimateRow => {
      const { shipmentId, isAboard, trail, leadTimeDays, wasInTime } = each;
      const destination = fences.get(each.destinationId)?.fence;
      const position = each.position ?? undefined;
      const estimate = estimateArrival({ now, isAboard, destination, position, trail });
      return { ...estimate, shipmentId, inTime: isInTime(estimate.eta, now, leadTimeDays, wasInTime ?? true) };
    });
    const gone = await writeEstimates(client, estimates);
    // What counts as projected stock has changed, also by shipments that were new, or are there now.
    const changed = estimates.flatMap(({ shipmentId, inTime }, at) =>
      underWay[at]!.wasInTime === inTime ? [] : [shipmentId],
    );
    const stock = await positionsOfShipments(client, [...changed, ...gone]);
    if (stock.length > 0) await runWrites(client, [notifyChanges({ stock })]);
  });
}
