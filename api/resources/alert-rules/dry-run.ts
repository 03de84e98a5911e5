import type { Pool, PoolClient } from "pg";
import type { z } from "@hono/zod-openapi";
import { type Moment, openings } from "../../../ingest/domain/alert/dry-run.ts";
import { type AlertRule, DEFAULT_PARAMS } from "../../../ingest/domain/alert/rule.ts";
import { assessStock } from "../../../ingest/domain/alert/stock.ts";
import { foldStock } from "../../../ingest/domain/stock/stock.ts";
import { EMPTY_STOCK } from "../../../ingest/domain/stock/state.ts";
import { CAPACITY_NOTE, capacityOccurrences } from "./dry-run-capacity.ts";
import { harshOccurrences, speedOccurrences } from "./dry-run-speeds.ts";
import { loadOccurrences } from "./dry-run-loads.ts";
import { deviceOccurrences, isDeviceRule } from "./dry-run-devices.ts";
import {
  brokenPromises,
  countsSince,
  crossingsSince,
  MOST,
  type Occurrence,
  positionHistories,
  type PositionHistory,
  quarantineSince,
  removalsSince,
  shipmentFactsSince,
} from "./history-queries.ts";
import type { SeriesReader } from "../readings/series.ts";
import type { dryRunRequest, DryRunResult } from "./schema.ts";

const EXAMPLES = 20;
const DAY_MS = 86_400_000;
const LATE_NOTE = "by what was delivered after it was due, or is overdue now: estimates of the past are not kept";
const LEVELS_NOTE =
  "by the levels and reorder points of today's positions, without what was reserved or on its way then";

/** Says how often a rule would have opened an alert in the last days, by what is known of them. */
export async function dryRun(
  stores: { db: Pool | PoolClient; series: SeriesReader },
  { type, params, location_ids, days }: z.output<typeof dryRunRequest>,
  now: number,
): Promise<DryRunResult> {
  const rule = {
    id: 0,
    version: 0,
    type,
    severity: "info",
    params: { ...DEFAULT_PARAMS[type], ...params },
    // The queries ask for these locations alone.
    locationIds: null,
    createdAt: 0,
  } as AlertRule;
  const { list, complete, note } = await occurrences(stores, rule, days, location_ids ?? null, now);
  const examples = list.toSorted((a, b) => b.at.getTime() - a.at.getTime()).slice(0, EXAMPLES);
  return { days, would_have_fired: list.length, complete, examples, note };
}

interface Found {
  list: Occurrence[];
  complete: boolean;
  note: string | null;
}

async function occurrences(
  { db, series }: { db: Pool | PoolClient; series: SeriesReader },
  rule: AlertRule,
  days: number,
  locationIds: readonly number[] | null,
  now: number,
): Promise<Found> {
  const all = (list: Occurrence[]): Found => ({ list, complete: list.length < MOST.facts, note: null });
  if (isDeviceRule(rule)) return deviceOccurrences({ db, series }, rule, days, locationIds, now);
  switch (rule.type) {
    case "low_stock":
    case "out_of_stock":
    case "overstock":
      return levels(db, rule, days, locationIds, now);
    case "unexplained_removal":
      return all(await removalsSince(db, days, locationIds, rule.params.min_quantity));
    case "count_mismatch":
      return all(await countsSince(db, days, locationIds));
    case "capacity":
      return { ...(await capacityOccurrences(db, rule, days, locationIds, now)), note: CAPACITY_NOTE };
    case "geofence": {
      const { on } = rule.params;
      return all((await crossingsSince(db, days, locationIds)).filter(({ type }) => on === "both" || type === on));
    }
    case "dwell":
      return all(dwells(await crossingsSince(db, days, locationIds), rule.params.minutes * 60_000, now));
    case "overspeed":
      return speedOccurrences({ db, series }, rule, days, locationIds, now);
    case "harsh_driving":
      return harshOccurrences(db, rule, days, locationIds);
    case "load_mismatch":
      return loadOccurrences(db, rule, days, locationIds);
    case "excursion":
    case "off_route":
    case "unscheduled_stop":
    case "separation":
    case "light":
    case "shipment_silent":
      return all(await shipmentFactsSince(db, days, locationIds, rule.type));
    case "late":
      return { ...all(await brokenPromises(db, days, locationIds)), note: LATE_NOTE };
    case "integration_failing":
      return { list: [], complete: true, note: "what other systems did not accept in the past is not counted" };
    case "quarantine_rising":
      return all(await quarantineSince(db, days, rule.params.per_hour));
  }
}

async function levels(
  db: Pool | PoolClient,
  rule: AlertRule,
  days: number,
  locationIds: readonly number[] | null,
  now: number,
): Promise<Found> {
  const list: Occurrence[] = [];
  let complete = true;
  let facts = 0;
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: PositionHistory[] = await positionHistories(db, days, locationIds, after);
    for (const position of page) {
      list.push(...levelsOver(rule, position, now - days * DAY_MS, now));
      if (position.facts.length >= MOST.factsOfPosition) complete = false;
      facts += position.facts.length;
    }
    after = page.length < MOST.positionsAtOnce ? undefined : page.at(-1)!.id;
    if (after !== undefined && facts >= MOST.facts) return { list, complete: false, note: LEVELS_NOTE };
  }
  return { list, complete, note: LEVELS_NOTE };
}

function levelsOver(rule: AlertRule, position: PositionHistory, from: number, now: number): Occurrence[] {
  const { id, locationId, condition, reorderPoint, source } = position;
  let state = EMPTY_STOCK;
  const moments = position.facts.map((fact): Moment => {
    state = foldStock(state, [fact], { governing: source });
    const quantity = Math.max(0, state.quantity);
    const { measuredAt } = state;
    const levels = { quantity, available: quantity, projected: quantity, reorderPoint, measuredAt, changedAt: fact.at };
    return {
      at: fact.at,
      assessment: assessStock(rule, { id, locationId, condition, late: false, count: null, ...levels }),
    };
  });
  return openings(moments, now)
    .filter((at) => at >= from)
    .map((at) => ({ subject: `inventory_item:${id}`, at: new Date(at) }));
}

/** Arrivals that no departure ended within so long. */
function dwells(crossings: readonly (Occurrence & { type: string })[], longMs: number, now: number): Occurrence[] {
  const arrivedAt = new Map<string, number>();
  const found: Occurrence[] = [];
  const end = (subject: string, at: number) => {
    const since = arrivedAt.get(subject);
    arrivedAt.delete(subject);
    if (since !== undefined && at - since >= longMs) found.push({ subject, at: new Date(since + longMs) });
  };
  for (const { subject, at, type } of crossings) {
    end(subject, at.getTime());
    if (type === "arrived") arrivedAt.set(subject, at.getTime());
  }
  for (const subject of [...arrivedAt.keys()]) end(subject, now);
  return found;
}
