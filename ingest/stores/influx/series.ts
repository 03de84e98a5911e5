import { LRUCache } from "lru-cache";
import { SERIES_COLUMNS, type SeriesKind } from "../../../broker/contract/readings.ts";
import type { Reading } from "../../pipeline/reading.ts";
import { groupBy } from "../../domain/group-by.ts";
import type { InfluxClient } from "./influx-client.ts";
import { newestTimes, type PointRange, readPointsOfMany, type StoredPoint } from "./points.ts";
import { lineOf, pointTime } from "./line-protocol.ts";

export interface InfluxSeriesStore {
  /**
   * Writes readings; resolves when the server has them on disk. A repeat overwrites the same point with the same
   * content; another reading under an identity that is taken is left out: the first stays.
   * @returns readings the server refuses whatever is tried, with its words
   * @throws when the server is away or refuses everything: try again later
   */
  write(readings: readonly Reading<SeriesKind>[]): Promise<RejectedReading[]>;
}

export interface RejectedReading {
  reading: Reading<SeriesKind>;
  detail: string;
}

/** Refusals of the data (400, and 422 of 2.x): the lines at fault can be found by halves, writes being idempotent. */
const OF_THE_DATA: ReadonlySet<unknown> = new Set([400, 422]);

export function openInfluxSeries(influx: InfluxClient, max = 50_000): InfluxSeriesStore {
  /** newest point stored, by device and kind: what is newer cannot overwrite anything */
  const newest = new LRUCache<string, number>({ max });
  return {
    async write(readings) {
      const writable = await withoutOverwrites(influx, readings, newest);
      const refused = await writeAll(influx, writable);
      for (const reading of writable) {
        const key = keyOf(reading);
        newest.set(key, Math.max(newest.get(key) ?? reading.ts, reading.ts));
      }
      return refused;
    },
  };
}

/** Writes on their way at once: a server that confirms late, as 3 Core does once a second, is not waited for each time. */
const IN_FLIGHT = 4;
/** A smaller one costs more than it gains. */
const LEAST_LINES = 2_000;

async function writeAll(influx: InfluxClient, readings: readonly Reading<SeriesKind>[]): Promise<RejectedReading[]> {
  const size = Math.max(LEAST_LINES, Math.ceil(readings.length / IN_FLIGHT));
  const writes: Promise<RejectedReading[]>[] = [];
  for (let first = 0; first < readings.length; first += size) {
    writes.push(writeByHalves(influx, readings.slice(first, first + size)));
  }
  // All have ended when one has failed: nothing of this is under way when it is tried again.
  await Promise.allSettled(writes);
  return (await Promise.all(writes)).flat();
}

async function writeByHalves(
  influx: InfluxClient,
  readings: readonly Reading<SeriesKind>[],
): Promise<RejectedReading[]> {
  if (readings.length === 0) return [];
  try {
    await influx.write(readings.map(lineOf));
    return [];
  } catch (error) {
    const { status, message } = error as { status?: unknown; message: string };
    if (!OF_THE_DATA.has(status)) throw error;
    if (readings.length === 1) return [{ reading: readings[0]!, detail: message }];
    const half = Math.ceil(readings.length / 2);
    return [
      ...(await writeByHalves(influx, readings.slice(0, half))),
      ...(await writeByHalves(influx, readings.slice(half))),
    ];
  }
}

/**
 * Looks before it writes where something may already be: after a start for each device's newest point, and for readings
 * that are not newer than it.
 */
async function withoutOverwrites(
  influx: InfluxClient,
  readings: readonly Reading<SeriesKind>[],
  newest: LRUCache<string, number>,
): Promise<Reading<SeriesKind>[]> {
  const groups = groupBy(readings, keyOf);
  const unmet = [...groups].filter(([key]) => !newest.has(key)).map(([, group]) => spanOf(group));
  for (const [span, ts] of await newestTimes(influx, unmet)) newest.set(keyOf(span), ts);
  const kept: Reading<SeriesKind>[] = [];
  const doubted: { group: readonly Reading<SeriesKind>[]; span: PointRange }[] = [];
  for (const [key, group] of groups) {
    const known = newest.get(key) ?? Number.POSITIVE_INFINITY;
    const span = spanOf(group);
    if (riseFrom(known, group)) kept.push(...group);
    else if (span.from > known) kept.push(...notTaken(group, new Map()));
    else doubted.push({ group, span: { ...span, to: Math.min(span.to, known) } });
  }
  const points = await readPointsOfMany(
    influx,
    doubted.map(({ span }) => span),
  );
  doubted.forEach(({ group }, index) => kept.push(...notTaken(group, points[index]!)));
  return kept;
}

function keyOf({ deviceId, kind }: { deviceId: string; kind: SeriesKind }): string {
  return `${deviceId} ${kind}`;
}

/** Whether each is later than the one before, so that none can be the repeat of another. */
function riseFrom(from: number, readings: readonly Reading<SeriesKind>[]): boolean {
  let last = from;
  for (const { ts } of readings) {
    if (ts <= last) return false;
    last = ts;
  }
  return true;
}

/** The stretch that `readings` (of one device and kind) lie in. */
function spanOf(readings: readonly Reading<SeriesKind>[]): PointRange {
  const { deviceId, kind, ts } = readings[0]!;
  let [from, to] = [ts, ts];
  for (const { ts } of readings) {
    from = Math.min(from, ts);
    to = Math.max(to, ts);
  }
  return { deviceId, kind, from, to };
}

/** Those whose identity is free, or theirs: the first of an identity stays, among these too. */
function notTaken(
  readings: readonly Reading<SeriesKind>[],
  points: ReadonlyMap<string, StoredPoint>,
): Reading<SeriesKind>[] {
  const taken = new Map([...points].map(([time, { values }]) => [time, values.join("|")]));
  return readings.filter((reading) => {
    const time = pointTime(reading);
    const content = contentOf(reading);
    const before = taken.get(time);
    if (before !== undefined && before !== content) return false;
    taken.set(time, content);
    return true;
  });
}

function contentOf(reading: Reading<SeriesKind>): string {
  const content = reading.content as unknown as Record<string, number | boolean | undefined>;
  return SERIES_COLUMNS[reading.kind]
    .map((name) => (content[name] === undefined ? "" : Number(content[name])))
    .join("|");
}
