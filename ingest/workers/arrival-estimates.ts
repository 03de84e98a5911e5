import type { Pool } from "pg";
import type { Logger } from "pino";
import { transaction } from "../decisions/record-facts.ts";
import { estimateArrival, isInTime } from "../domain/shipment/arrival-estimate.ts";
import { readFences } from "../stores/queries/registry/fences.ts";
import {
  type EstimateRow,
  extendTrails,
  loadAboard,
  positionsOfShipments,
  writeEstimates,
} from "../stores/queries/restock/arrival-estimates.ts";
import { runWrites } from "../stores/statement.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";
import { type Loop, startLoop } from "./loop.ts";

const INTERVAL_MS = 1_000;
/** All arrivals are estimated again no sooner than this after they were begun. */
const PASS_MS = 5_000;
/** Estimates take a tenth of the time at most. */
const PAUSE = 9;
/** Shipments of one transaction: so much is in memory, however many are on their way. */
const PAGE = 2_000;

/**
 * Estimates when shipments of products will be at their destinations, by the live positions of their vehicles: what comes later than
 * goods that were ordered now does not count as projected stock. Commits of positions do nothing for it. With many on their way, page
 * after page: 100,000 take about a minute.
 */
export function startArrivalEstimates(pool: Pool, log: Logger): Loop {
  let [nextMs, nextPassMs, after] = [0, 0, 0];
  async function tick(): Promise<boolean> {
    const began = performance.now();
    if (began < nextMs || (after === 0 && began < nextPassMs)) return false;
    if (after === 0) nextPassMs = began + PASS_MS;
    after = (await estimatePage(pool, after, PAGE)) ?? 0;
    nextMs = performance.now() + PAUSE * (performance.now() - began);
    return false;
  }
  return startLoop("arrival estimates", tick, log, INTERVAL_MS);
}

/** Estimates all arrivals once. Any number of nodes may run it: one at a time does. */
export async function estimateArrivals(pool: Pool, pageSize = PAGE): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined;) after = await estimatePage(pool, after, pageSize);
}

/**
 * Estimates the next arrivals. Trails are extended with the first page.
 * @param after id of the last shipment of the page before; 0: begins
 * @returns what the next page begins after; undefined: that was the last one, or another node is at it
 */
export function estimatePage(pool: Pool, after: number, pageSize: number): Promise<number | undefined> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ mine: boolean; now: number }>(
      "SELECT pg_try_advisory_xact_lock(hashtext('waystock arrivals')) AS mine, extract(epoch FROM now())::float8 * 1000 AS now",
    );
    const { mine, now } = rows[0]!;
    if (!mine) return undefined;
    if (after === 0) await extendTrails(client);
    const aboard = await loadAboard(client, after, pageSize);
    const through = aboard.length < pageSize ? undefined : aboard.at(-1)!.shipmentId;
    const fences = await readFences(client, [...new Set(aboard.map(({ destinationId }) => destinationId))]);
    const estimates = aboard.map((each): EstimateRow => {
      const { shipmentId, trail, leadTimeDays, wasInTime } = each;
      const destination = fences.get(each.destinationId)?.fence;
      const position = each.position ?? undefined;
      const estimate = estimateArrival({ now, destination, position, trail });
      return { ...estimate, shipmentId, inTime: isInTime(estimate.eta, now, leadTimeDays, wasInTime ?? true) };
    });
    const gone = await writeEstimates(client, estimates, after, through ?? null);
    // What counts as projected stock has changed, also by shipments that were new, or are there now.
    const changed = estimates.flatMap(({ shipmentId, inTime }, at) =>
      aboard[at]!.wasInTime === inTime ? [] : [shipmentId],
    );
    const stock = await positionsOfShipments(client, [...changed, ...gone]);
    if (stock.length > 0) await runWrites(client, [notifyChanges({ stock })]);
    return through;
  });
}
