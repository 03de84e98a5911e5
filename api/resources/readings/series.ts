import type { SeriesKind } from "../../../broker/contract/readings.ts";

/** Where a listing goes on: after this reading. Times in epoch milliseconds; seq -1: the device sent none. */
export interface AfterReading {
  ts: number;
  seq: number;
}

/** As `seq` of an `AfterReading`: before, or after, every reading of that millisecond. */
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

/** A reading as it is stored; values by the names of its kind, absent ones left out. */
export interface SeriesRow {
  ts: number;
  seq: number;
  receivedAt: number;
  values: Record<string, number | boolean | string>;
}

export interface Summary {
  mean: number;
  min: number;
  max: number;
}

/** One hour of a device: how many readings, and each value's mean and extremes. */
export interface HourRow {
  /** its start, epoch milliseconds */
  hour: number;
  count: number;
  values: Record<string, Summary>;
}

/** Reads the series of gps, scale and env readings, wherever they are kept. Oldest first. */
export interface SeriesReader {
  name: "postgres" | "influxdb";
  readings(query: SeriesQuery): Promise<SeriesRow[]>;
  hours(query: SeriesQuery): Promise<HourRow[]>;
}

/** Values whose mean over an hour says something; a heading's does not. */
export const SUMMARISED = {
  gps: ["speed", "accuracy", "altitude", "battery"],
  scale: ["grams"],
  env: ["celsius", "humidity", "shock", "lux", "battery"],
} as const satisfies Record<SeriesKind, readonly string[]>;
