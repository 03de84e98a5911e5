import { isoTime } from "../../http/sql-time.ts";

/** Goods that are still under way, and may be late. */
export const OPEN = "status NOT IN ('delivered', 'returned', 'cancelled')";

const ESTIMATE = `arrival_estimates a WHERE a.shipment_id = shipments.id AND shipments.vehicle_id IS NOT NULL`;
/** An estimate is compared with the promise of its time. */
const isOf = (column: string): string =>
  `EXISTS (SELECT FROM ${ESTIMATE} AND a.${column} AND a.due_at = shipments.due_at)`;
/** The latest promise among those: a list by due date ends there. */
const upTo = (column: string): string => `(SELECT max(due_at) FROM arrival_estimates WHERE ${column})`;

/** Its promise has passed and it is not delivered, or its estimate says that it will come late. */
export const IS_LATE = `${OPEN} AND due_at <= greatest(now(), ${upTo("late")}) AND (due_at < now() OR ${isOf("late")})`;
/** It is not late, and one in ten would come after the promise. */
export const IS_AT_RISK = `${OPEN} AND due_at >= now() AND due_at <= ${upTo("at_risk")} AND ${isOf("at_risk")}`;

const PROBLEMS = `CASE WHEN shipments.vehicle_id IS NULL THEN 'no vehicle carries it' ELSE CASE coalesce(a.problem, 'not_estimated')
    WHEN 'no_geofence' THEN 'its destination has no geofence' WHEN 'no_position' THEN 'its vehicle has not told where it is for a quarter of an hour'
    WHEN 'too_little_history' THEN 'its vehicle was followed for less than ten minutes' WHEN 'not_moving' THEN 'its vehicle stands'
    ELSE 'it is being estimated' END END`;

/** What an estimate follows from, in words. */
const KM = "round((a.distance_m / 1000)::numeric, 1)";
const WORDS = `CASE a.basis
  WHEN 'lane_history' THEN concat('history of this lane: ', a.runs, CASE WHEN a.runs = 1 THEN ' earlier run' ELSE ' earlier runs' END, ', from where the vehicle is now')
  WHEN 'vehicle_speed' THEN concat('no history of this lane: the speed of the vehicle in the last ', a.observed_minutes, ' min on ', ${KM}, ' km, 3 tenths longer by road')
  WHEN 'default' THEN concat('a guess: 60 km/h on ', ${KM}, ' km, 3 tenths longer by road; no history of this lane, and ', ${PROBLEMS})
  WHEN 'arrived' THEN 'its vehicle is there'
  ELSE concat('not known: ', ${PROBLEMS}) END`;

/** When a shipment is expected: a column of a query of `shipments`. */
export const ETA = `CASE WHEN ${OPEN} AND destination_id IS NOT NULL THEN (SELECT json_build_object('p50', ${isoTime("a.eta")}, 'p90', ${isoTime("a.p90")},
      'basis', json_build_object('kind', coalesce(a.basis, 'unknown'), 'text', ${WORDS}, 'runs', a.runs, 'distance_m', a.distance_m,
        'speed_mps', a.speed_mps, 'problem', CASE WHEN shipments.vehicle_id IS NULL THEN 'not_aboard' ELSE a.problem END),
      'computed_at', ${isoTime("a.estimated_at")}, 'position_at', ${isoTime("a.position_at")})
    FROM (SELECT) one LEFT JOIN arrival_estimates a ON a.shipment_id = shipments.id AND shipments.vehicle_id IS NOT NULL) END`;

/** Whether it keeps its promise: a column of a query of `shipments`. */
export const PROMISE = `CASE WHEN NOT (${OPEN}) OR due_at IS NULL THEN NULL WHEN due_at < now() OR ${isOf("late")} THEN 'late'
    WHEN ${isOf("at_risk")} THEN 'at_risk' WHEN EXISTS (SELECT FROM ${ESTIMATE} AND a.eta IS NOT NULL) THEN 'on_time' ELSE 'unknown' END`;
