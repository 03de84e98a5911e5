import {
  FORECAST_WINDOW_DAYS,
  fullAt,
  fullestOf,
  historyDays,
  type InflowHistory,
  type Measure,
  MEASURES,
  MIN_HISTORY_DAYS,
  netPerDay,
  percentOf,
} from "../../../ingest/domain/stock/capacity.ts";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Utilisation, UtilisationForecast } from "./utilisation-schema.ts";

interface Row {
  id: number;
  capacity_units: number | null;
  capacity_litres: number | null;
  capacity_kilograms: number | null;
  locations_below: number;
  positions: number;
  positions_not_measured: number;
  units: number;
  units_here: number;
  litres: number;
  litres_here: number;
  units_without_volume: number;
  kilograms: number;
  kilograms_here: number;
  units_without_weight: number;
}

const MS = (time: string): string => `round(extract(epoch FROM ${time}) * 1000)::float8`;

/** Of the locations of this query. */
const utilisationIn = (locations: string): string =>
  `SELECT l.id, l.capacity_units, l.capacity_litres, l.capacity_kilograms, s.*
  FROM (${locations}) l CROSS JOIN LATERAL stock_within(l.id) s ORDER BY l.id`;

export interface UtilisationFilter {
  after: number | undefined;
  parentId: number | undefined;
  limit: number;
}

/** Locations with a capacity, by id. */
export async function listUtilisation(
  db: Reader,
  { after, parentId, limit }: UtilisationFilter,
): Promise<Utilisation[]> {
  const conditions = new Conditions()
    .is("num_nonnulls(capacity_units, capacity_litres, capacity_kilograms) > 0", true)
    .where("id > ?", after)
    .where("parent_id = ?", parentId);
  const { rows } = await db.query<Row>(
    utilisationIn(`SELECT * FROM locations ${conditions.sql} ORDER BY id LIMIT ${conditions.parameter(limit)}`),
    conditions.values,
  );
  return rows.map(utilisationOf);
}

/** @throws Problem 404 when there is no such location */
export async function getUtilisation(db: Reader, id: number): Promise<UtilisationForecast> {
  const { rows } = await db.query<Row>(utilisationIn("SELECT * FROM locations WHERE id = $1"), [id]);
  const { units, litres, kilograms, ...shared } = utilisationOf(found(rows[0], "location"));
  const { rows: inflows } = await db.query<Record<Measure, number> & { first_at: number | null; now: number }>(
    `SELECT units, litres, kilograms, ${MS("first_at")} AS first_at, ${MS("now()")} AS now
    FROM net_inflow_within($1, now() - make_interval(days => $2))`,
    [id, FORECAST_WINDOW_DAYS],
  );
  const { first_at: firstAt, now, ...net } = inflows[0]!;
  const history = { days: historyDays(firstAt, now), net };
  const outlooks = {
    units: outlookOf("units", units, history, now),
    litres: outlookOf("litres", litres, history, now),
    kilograms: outlookOf("kilograms", kilograms, history, now),
  };
  const [first] = MEASURES.filter((measure) => outlooks[measure].full_at !== null).sort(
    (a, b) => outlooks[a].full_at!.getTime() - outlooks[b].full_at!.getTime(),
  );
  return {
    ...shared,
    ...outlooks,
    forecast: {
      full_at: first === undefined ? null : outlooks[first].full_at,
      measure: first ?? null,
      window_days: FORECAST_WINDOW_DAYS,
      history_days: rounded(history.days),
      insufficient_history: history.days < MIN_HISTORY_DAYS,
    },
  };
}

function outlookOf(measure: Measure, usage: Utilisation[Measure], history: InflowHistory, now: number) {
  const perDay = netPerDay(history, measure);
  const at = fullAt(usage, perDay, now);
  return {
    ...usage,
    net_inflow: rounded(history.net[measure]),
    net_per_day: perDay === undefined ? null : rounded(perDay),
    full_at: at === undefined ? null : new Date(at),
  };
}

function utilisationOf(row: Row): Utilisation {
  const usage = (capacity: number | null, used: number, here: number, notCounted: number) => {
    const percent = percentOf({ capacity, used });
    return {
      capacity,
      used: rounded(used),
      used_here: rounded(here),
      used_below: rounded(used - here),
      percent: percent === null ? null : rounded(percent),
      units_not_counted: notCounted,
    };
  };
  const rooms = {
    units: usage(row.capacity_units, row.units, row.units_here, 0),
    litres: usage(row.capacity_litres, row.litres, row.litres_here, row.units_without_volume),
    kilograms: usage(row.capacity_kilograms, row.kilograms, row.kilograms_here, row.units_without_weight),
  };
  const fullest = fullestOf(rooms);
  return {
    id: row.id,
    locations_below: row.locations_below,
    positions: row.positions,
    positions_not_measured: row.positions_not_measured,
    fullest: fullest?.measure ?? null,
    percent: fullest === undefined ? null : rounded(fullest.percent),
    ...rooms,
  };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
