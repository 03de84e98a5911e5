import type { FactType, NewFact } from "./fact.ts";

/**
 * The order in which facts are folded: by the time they happened. Facts of one instant are ordered by precedence (an
 * arrival comes before the unloading), then by key, so that the order never depends on when they became known.
 */
export function byEventTime(a: NewFact, b: NewFact): number {
  return a.at - b.at || PRECEDENCE[a.type] - PRECEDENCE[b.type] || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** The place of a type among the facts of one instant; of a type that is not known the last. */
export const factOrder = (type: string): number => (PRECEDENCE as Record<string, number>)[type] ?? 99;

const PRECEDENCE: Record<FactType, number> = {
  created: 0,
  driver_signed_on: 1,
  arrived: 1,
  unloaded: 2,
  loaded: 3,
  heard: 4,
  gone: 5,
  seen: 6,
  scanned: 7,
  serial_scanned: 7,
  passed: 8,
  departed: 9,
  trip_started: 10,
  trip: 11,
  harsh_driving: 11,
  counted: 12,
  lot_counted: 12,
  adjusted: 13,
  sensor_trusted: 14,
  sensor_suspect: 15,
  excursion_over: 16,
  excursion: 17,
  risk_over: 16,
  risk: 17,
  unexplained_removal: 18,
  proof: 19,
  reported: 20,
  manual: 21,
  void: 22,
};
