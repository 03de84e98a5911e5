import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";
import { transaction } from "../../decisions/record-facts.ts";
import { type Eta, estimateEta } from "../../domain/eta/estimate.ts";
import { nextLateness } from "../../domain/eta/lateness.ts";
import { isInTime } from "../../domain/shipment/arrival-estimate.ts";
import {
  type EtaCheck,
  keepChecks,
  laneKey,
  loadDwells,
  loadLanes,
  passedPromises,
} from "../../stores/queries/eta/lanes.ts";
import { readFences } from "../../stores/queries/registry/fences.ts";
import {
  type Aboard,
  type EstimateRow,
  extendTrails,
  loadAboard,
  positionsOfShipments,
  writeEstimates,
} from "../../stores/queries/restock/arrival-estimates.ts";
import { runWrites } from "../../stores/statement.ts";
import { notifyChanges } from "../../stores/writes/change-notice.ts";
import { type Loop, startLoop } from "../loop.ts";

const INTERVAL_MS = 1_000;
/** All arrivals are estimated again no sooner than this after they were begun. */
const PASS_MS = 5_000;
/** Estimates take a tenth of the time at most. */
const PAUSE = 9;
/** Shipments of one transaction: so much is in memory, however many are on their way. */
const PAGE = 2_000;
/** An estimate is compared with what comes true, the first one with no more left than each of these, minutes. */
const HORIZONS = [15, 30, 60, 120, 240, 480, 1_440] as const;
const MINUTE_MS = 60_000;
/** Ids of a notice: so many fit into one. */
const LISTED = 600;

/**
 * Estimates when shipments will be at their destinations, and whether that keeps their promises: by the history of lanes, and by the
 * live positions of their vehicles. What comes later than goods that were ordered now does not count as projected stock. Commits of
 * positions do nothing for it. With many on their way, page after page: 100,000 take about a minute.
 */
export function startArrivalEstimates(pool: Pool, log: Logger): Loop {
  let [nextMs, nextPassMs, after] = [0, 0, 0];
  let promisesSince: number | undefined;
  async function tick(): Promise<boolean> {
    const began = performance.now();
    if (began < nextMs) return false;
    promisesSince = await tellPassedPromises(pool, promisesSince);
    if (after === 0 && began < nextPassMs) return false;
    if (after === 0) nextPassMs = began + PASS_MS;
    after = (await estimatePage(pool, after, PAGE)) ?? 0;
    nextMs = performance.now() + PAUSE * (performance.now() - began);
    return false;
  }
  return startLoop("arrival estimates", tick, log, INTERVAL_MS);
}

/** Tells of shipments whose promise has passed: that is no change of a row. @returns what the next look begins after */
export function tellPassedPromises(pool: Pool, since: number | undefined): Promise<number> {
  return transaction(pool, async (client) => {
    const { now, shipmentIds } = await passedPromises(client, since);
    await tellShipments(client, shipmentIds);
    return now;
  });
}

/** Lists all of them: what would not be listed is looked for by when it changed, and a shipment does not change with its estimate. */
async function tellShipments(client: PoolClient, ids: readonly number[]): Promise<void> {
  for (let from = 0; from < ids.length; from += LISTED) {
    await runWrites(client, [notifyChanges({ shipments: ids.slice(from, from + LISTED) })]);
  }
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
    const estimates = await estimateAll(client, aboard, now);
    const { gone, news } = await writeEstimates(client, estimates, after, through ?? null);
    await keepChecks(
      client,
      estimates.flatMap((eta, at) => checkOf(eta, aboard[at]!)),
    );
    // What counts as projected stock has changed, also by shipments that were new, or are there now.
    const changed = estimates.flatMap(({ shipmentId, inTime }, at) =>
      aboard[at]!.wasInTime === inTime ? [] : [shipmentId],
    );
    const stock = await positionsOfShipments(client, [...changed, ...gone]);
    if (stock.length > 0) await runWrites(client, [notifyChanges({ stock })]);
    await tellShipments(client, [...news, ...gone]);
    return through;
  });
}

/** Lanes that lead from where a vehicle was to where a shipment goes, the best first: from its last place, else from the shipment's origin. */
function lanesTo({ leg, originId, destinationId }: Aboard): [originId: number, destinationId: number][] {
  const origins = [leg?.departedFrom ?? leg?.placeId, originId];
  return [...new Set(origins)].flatMap((origin) =>
    origin === null || origin === undefined || origin === destinationId ? [] : [[origin, destinationId]],
  );
}

async function estimateAll(client: PoolClient, aboard: readonly Aboard[], now: number): Promise<EstimateRow[]> {
  const fences = await readFences(client, [...new Set(aboard.map(({ destinationId }) => destinationId))]);
  const lanes = await loadLanes(client, aboard.flatMap(lanesTo));
  const dwells = await loadDwells(
    client,
    aboard.flatMap(({ leg }) => leg?.placeId ?? []),
  );
  const etaOf = (each: Aboard): Eta => {
    const { destinationId, trail, leg } = each;
    return estimateEta({
      now,
      destinationId,
      destination: fences.get(destinationId)?.fence,
      position: each.position ?? undefined,
      trail,
      leg,
      lanes: lanesTo(each).flatMap(([originId]) => {
        const runs = lanes.get(laneKey(originId, destinationId));
        return runs === undefined ? [] : [{ originId, runs }];
      }),
      dwellsMs: dwells.get(leg?.placeId ?? 0) ?? [],
    });
  };
  // What one vehicle carries from one place to another comes at once.
  const known = new Map<string, Eta>();
  return aboard.map((each) => {
    const { shipmentId, vehicleId, originId, destinationId, dueAt, leadTimeDays, wasInTime, lateness, isQuiet } = each;
    const key = `${vehicleId} ${originId} ${destinationId}`;
    const eta = known.get(key) ?? etaOf(each);
    known.set(key, eta);
    // A guess is trusted no further than what is not known: nothing says that the goods are late.
    const measured = eta.basis === "default" ? null : eta.p50;
    const inTime = isInTime(measured, now, leadTimeDays, wasInTime ?? true);
    return { ...eta, ...nextLateness(lateness, { dueAt, ...eta }), shipmentId, inTime, isQuiet };
  });
}

function checkOf({ p50, p90, basis, positionAt }: Eta, { leg, destinationId }: Aboard): EtaCheck[] {
  if (p50 === null || p90 === null || positionAt === null || basis === "arrived") return [];
  if (leg === null || leg.departure === null || leg.departedFrom === null) return [];
  const minutes = (p50 - positionAt) / MINUTE_MS;
  const horizon = HORIZONS.find((each) => minutes <= each);
  if (horizon === undefined || leg.departedFrom === destinationId) return [];
  const { departure, departedFrom: originId } = leg;
  return [{ departure, originId, destinationId, horizon, basis, madeAt: positionAt, p50, p90 }];
}
