import { READING_KINDS, type SeriesKind } from "../../domain/reading-kinds.ts";
import { groupBy } from "../../domain/group-by.ts";
import type { Reading } from "../../pipeline/reading.ts";
import type { InfluxClient } from "./influx-client.ts";
import { pointTime } from "./line-protocol.ts";
import { newestTimes, type PointRange, readPointsOfMany, type StoredPoint } from "./points.ts";

/** The time of the newest stored point by `seriesKey`, epoch milliseconds: a newer reading cannot overwrite anything. */
export interface NewestTimes {
  has(key: string): boolean;
  get(key: string): number | undefined;
  set(key: string, ts: number): void;
}

export function seriesKey({ deviceId, kind }: { deviceId: string; kind: SeriesKind }): string {
  return `${deviceId} ${kind}`;
}

/**
 * Drops readings whose identity belongs to another reading already, stored or earlier in `readings`: InfluxDB would
 * overwrite the first. It queries InfluxDB for the newest point of each series not in `newest`, and for the points around
 * readings that are not newer than that. Adds to `newest` what it learns.
 */
export async function dropTakenIdentities(
  influx: InfluxClient,
  readings: readonly Reading<SeriesKind>[],
  newest: NewestTimes,
): Promise<Reading<SeriesKind>[]> {
  const groups = groupBy(readings, seriesKey);
  const unknown = [...groups].filter(([key]) => !newest.has(key)).map(([, group]) => rangeOf(group));
  for (const [range, ts] of await newestTimes(influx, unknown)) newest.set(seriesKey(range), ts);
  const kept: Reading<SeriesKind>[] = [];
  const overlapping: { group: readonly Reading<SeriesKind>[]; range: PointRange }[] = [];
  for (const [key, group] of groups) {
    const newestTs = newest.get(key) ?? Number.POSITIVE_INFINITY;
    const range = rangeOf(group);
    if (isAscendingAfter(newestTs, group)) kept.push(...group);
    else if (range.from > newestTs) kept.push(...withFreeIdentity(group, new Map()));
    else overlapping.push({ group, range: { ...range, to: Math.min(range.to, newestTs) } });
  }
  const points = await readPointsOfMany(
    influx,
    overlapping.map(({ range }) => range),
  );
  overlapping.forEach(({ group }, index) => kept.push(...withFreeIdentity(group, points[index]!)));
  return kept;
}

/** Whether each reading is later than the one before, and the first later than `ts`: then no two have the same identity. */
function isAscendingAfter(ts: number, readings: readonly Reading<SeriesKind>[]): boolean {
  let last = ts;
  for (const reading of readings) {
    if (reading.ts <= last) return false;
    last = reading.ts;
  }
  return true;
}

/** @param readings of one device and kind */
function rangeOf(readings: readonly Reading<SeriesKind>[]): PointRange {
  const { deviceId, kind, ts } = readings[0]!;
  let [from, to] = [ts, ts];
  for (const { ts } of readings) {
    from = Math.min(from, ts);
    to = Math.max(to, ts);
  }
  return { deviceId, kind, from, to };
}

/** Keeps readings whose identity is free or has the same content; of several new ones with one identity the first. */
function withFreeIdentity(
  readings: readonly Reading<SeriesKind>[],
  points: ReadonlyMap<string, StoredPoint>,
): Reading<SeriesKind>[] {
  const taken = new Map([...points].map(([time, { values }]) => [time, values.join("|")]));
  return readings.filter((reading) => {
    const time = pointTime(reading);
    const content = contentOf(reading);
    const existing = taken.get(time);
    if (existing !== undefined && existing !== content) return false;
    taken.set(time, content);
    return true;
  });
}

function contentOf(reading: Reading<SeriesKind>): string {
  const content = reading.content as unknown as Record<string, number | boolean | undefined>;
  return READING_KINDS[reading.kind].columnNames
    .map((name) => (content[name] === undefined ? "" : Number(content[name])))
    .join("|");
}
