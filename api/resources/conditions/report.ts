import type { Pool } from "pg";
import { type Conditions, conditionsOf, WITHOUT_LIMITS } from "../../../ingest/domain/conditions/bands.ts";
import { union } from "../../../ingest/domain/spans.ts";
import { probeStays, staysOf } from "../../../ingest/domain/conditions/probe-stays.ts";
import { timesOf } from "../../../ingest/domain/conditions/shipment-times.ts";
import { CONDITION_QUANTITIES } from "../../../ingest/domain/fact.ts";
import { groupBy } from "../../../ingest/domain/group-by.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import type { SeriesReader } from "../readings/series.ts";
import { loadContext, loadHistory } from "../shipments/history-queries.ts";
import type { Shipment } from "../shipments/schema.ts";
import { loadProbeMounts } from "./queries.ts";
import { type FoundExcursion, type ProbeRecord, readProbe } from "./probe-record.ts";
import { figuresOf, gapsOf } from "./quantity-figures.ts";
import type { ConditionReport } from "./schema.ts";

const MAX_LISTED = 500;

/**
 * How a shipment was kept, from the stored readings of the probes that were with it. Several probes at once: a minute is out of range when it
 * is by any of them, and a gap when none of them measured; extremes and the mean kinetic temperature are those of the worst. Of a shipment that
 * sets no limits whatever was measured is shown, and judged by nothing.
 */
export async function reportOf(
  { pool, series }: { pool: Pool; series: SeriesReader },
  shipment: Shipment,
  now: number,
): Promise<ConditionReport> {
  const { id } = shipment;
  const limits = conditionsOf(shipment.conditions);
  const empty = emptyReport(shipment, limits, now);
  const facts = await loadHistory(pool, id);
  const events = foldShipment(facts, await loadContext(pool, shipment))?.events ?? [];
  const times = timesOf(events);
  if (times === undefined) return empty;
  const stays = staysOf(events);
  const probes = probeStays(stays, await loadProbeMounts(pool, id, stays), { id, ...times });
  const [first] = probes;
  if (first === undefined) return empty;
  const whole = { from: first.from, to: Math.max(...probes.map(({ to }) => to ?? now)) };
  const conditions = limits ?? WITHOUT_LIMITS;
  const records: ProbeRecord[] = [];
  for (const ofDevice of groupBy(probes, ({ deviceId }) => deviceId).values())
    records.push(await readProbe(series, conditions, ofDevice, whole, now));
  const shown = limits ?? measuredOf(records);
  return { ...empty, ...(shown && summary(records, shown, now)) };
}

/** No limits, of those quantities that were measured; undefined: none was. */
function measuredOf(records: readonly ProbeRecord[]): Conditions | undefined {
  const { bands, gapMs } = WITHOUT_LIMITS;
  const measured = CONDITION_QUANTITIES.filter((quantity) =>
    records.some(({ figures }) => (figures.get(quantity)?.readings ?? 0) > 0),
  );
  if (measured.length === 0) return undefined;
  return { bands: Object.fromEntries(measured.map((quantity) => [quantity, bands[quantity]!])), gapMs };
}

function emptyReport(
  { id, tracking_number, product_name }: Shipment,
  conditions: Conditions | undefined,
  now: number,
): ConditionReport {
  return {
    ...{ shipment_id: id, tracking_number, product_name, from: null, to: null, generated_at: new Date(now) },
    gap_minutes: conditions === undefined ? null : gapMinutesOf(conditions),
    quantities: CONDITION_QUANTITIES.flatMap((quantity) =>
      conditions?.bands[quantity] ? [figuresOf(quantity, [], [], conditions, now)] : [],
    ),
    ...{ excursions: [], excursion_count: 0, gaps: [], gap_count: 0, probes: [], series: [] },
  };
}

const gapMinutesOf = ({ gapMs }: Conditions): number => gapMs / 60_000;

function summary(records: readonly ProbeRecord[], conditions: Conditions, now: number): Partial<ConditionReport> {
  const whole = union(records.map(({ spans }) => spans));
  const quantities = CONDITION_QUANTITIES.filter((quantity) => conditions.bands[quantity] !== undefined);
  const excursions = records.flatMap((record) => record.excursions).sort((a, b) => a.from - b.from);
  const gaps = quantities
    .flatMap((quantity) => gapsOf(quantity, records, whole).map((span) => ({ quantity, ...span })))
    .sort((a, b) => a.from - b.from);
  return {
    from: whole[0] ? new Date(whole[0].from) : null,
    to: whole[0] ? new Date(whole.at(-1)!.to) : null,
    gap_minutes: gapMinutesOf(conditions),
    quantities: quantities.map((quantity) => figuresOf(quantity, records, whole, conditions, now)),
    excursions: excursions.slice(0, MAX_LISTED).map(excursionView),
    excursion_count: excursions.length,
    gaps: gaps
      .slice(0, MAX_LISTED)
      .map(({ quantity, from, to }) => ({ quantity, from: new Date(from), to: new Date(to) })),
    gap_count: gaps.length,
    probes: records.flatMap((record) =>
      record.stays.map(({ stay: { deviceId, on, from, to }, readings }) => ({
        ...{
          device_id: deviceId,
          mounted_on: on,
          from: new Date(from),
          to: to === null ? null : new Date(to),
          readings,
        },
      })),
    ),
    series: records.flatMap(({ deviceId, points }) =>
      [...points].map(([quantity, byPart]) => ({ device_id: deviceId, quantity, points: [...byPart.values()] })),
    ),
  };
}

const excursionView = ({ quantity, deviceId, from, to, worst }: FoundExcursion) => ({
  ...{ quantity, device_id: deviceId, from: new Date(from), to: to === null ? null : new Date(to), worst },
});
