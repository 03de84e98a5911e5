import type { SeriesKind } from "../../../ingest/domain/reading-kinds.ts";

/** The reading after which a list continues. `ts` in epoch milliseconds; seq -1: the device sent no counter. */
export interface AfterReading {
  ts: number;
  seq: number;
}

/** Values of `seq` in an `AfterReading`: before, or after, every reading of that millisecond. */
export const BEFORE_ALL = -2;
export const AFTER_ALL = Number.MAX_SAFE_INTEGER;

export interface SeriesQuery {
  deviceId: string;
  kind: SeriesKind;
  /** epoch milliseconds, inclusive; null: from the first */
  from: number | null;
  /** epoch milliseconds, exclusive; null: to the last */
  to: number | null;
  after: AfterReading | null;
  limit: number;
}

/** A stored reading. Times in epoch milliseconds; `values` by the field names of its kind, without absent ones. */
export interface SeriesRow {
  ts: number;
  seq: number;
  receivedAt: number;
  values: Record<string, number | boolean | string>;
}

/**
 * The part of gps readings that a track shows, column by column: as thousands of objects they cost more than all else of an answer.
 * Epoch milliseconds, degrees (WGS 84) and metres per second; NaN: the device did not send it.
 */
export interface Fixes {
  ts: Float64Array;
  seq: Float64Array;
  lat: Float64Array;
  lon: Float64Array;
  speed: Float64Array;
}

/** A value over one hour. */
export interface Summary {
  mean: number;
  min: number;
  max: number;
}

/** One hour of a device: the number of readings, and each value's mean, minimum and maximum. */
export interface HourRow {
  /** its start, epoch milliseconds */
  hour: number;
  count: number;
  values: Record<string, Summary>;
}

/** Reads the time series of gps, scale and env readings from the store that keeps them. Oldest first. */
export interface SeriesReader {
  name: "postgres" | "influxdb";
  readings(query: SeriesQuery): Promise<SeriesRow[]>;
  /** Positions alone, several times faster than whole readings: a track is made of many. */
  fixes(query: Omit<SeriesQuery, "kind">): Promise<Fixes>;
  hours(query: SeriesQuery): Promise<HourRow[]>;
}
