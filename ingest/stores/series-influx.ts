import { LRUCache } from "lru-cache";
import { SERIES_COLUMNS, type SeriesKind } from "../../broker/contract/readings.ts";
import type { Arrival } from "../arrival.ts";
import { groupBy } from "../domain/group-by.ts";
import { lineOf, pointTime } from "./line-protocol.ts";

/** What this writer needs of a connection (infra/influx/connection.ts). */
export interface InfluxPort {
  write(lines: readonly string[]): Promise<void>;
  query(influxQl: string): Promise<{ columns: string[]; values: (string | number | boolean | null)[][] }[]>;
}

export interface InfluxSeriesStore {
  /**
   * Writes readings; resolves when the server has them on disk. A repeat overwrites the same point with the same
   * content; another reading under an identity that is taken is left out: the first stays.
   * @returns readings the server refuses whatever is tried, with its words
   * @throws when the server is away or refuses everything: try again later
   */
  write(readings: readonly Arrival<SeriesKind>[]): Promise<Refused[]>;
}

export interface Refused {
  reading: Arrival<SeriesKind>;
  detail: string;
}

/** Refusals of the data (400, and 422 of 2.x): the lines at fault can be found by halves, writes being idempotent. */
const OF_THE_DATA: ReadonlySet<unknown> = new Set([400, 422]);

export function openInfluxSeries(influx: InfluxPort, max = 50_000): InfluxSeriesStore {
  /** newest point written by us, by device and kind: what is newer cannot overwrite anything */
  const newest = new LRUCache<string, number>({ max });
  return {
    async write(readings) {
      const writable = await withoutOverwrites(influx, readings, newest);
      const refused = await writeByHalves(influx, writable);
      for (const { deviceId, kind, ts } of writable) {
        const key = `${deviceId} ${kind}`;
        newest.set(key, Math.max(newest.get(key) ?? ts, ts));
      }
      return refused;
    },
  };
}

async function writeByHalves(influx: InfluxPort, readings: readonly Arrival<SeriesKind>[]): Promise<Refused[]> {
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

/** Looks before it writes where something may already be: once per device after a start, and for readings out of order. */
async function withoutOverwrites(
  influx: InfluxPort,
  readings: readonly Arrival<SeriesKind>[],
  newest: LRUCache<string, number>,
): Promise<Arrival<SeriesKind>[]> {
  const kept: Arrival<SeriesKind>[] = [];
  for (const [key, group] of groupBy(readings, ({ deviceId, kind }) => `${deviceId} ${kind}`)) {
    const from = newest.get(key);
    const doubtful = group.filter(({ ts }) => from === undefined || ts <= from);
    const taken = doubtful.length > 0 ? await stored(influx, doubtful) : new Map<string, string>();
    for (const reading of group) {
      const time = pointTime(reading);
      const content = contentOf(reading);
      const before = taken.get(time);
      if (before !== undefined && before !== content) continue;
      taken.set(time, content);
      kept.push(reading);
    }
  }
  return kept;
}

/** Contents of stored points in the span of `readings` (of one device and kind), by point time. */
async function stored(influx: InfluxPort, readings: readonly Arrival<SeriesKind>[]): Promise<Map<string, string>> {
  const times = readings.map(({ ts }) => ts);
  const points = await readPoints(influx, readings[0]!, Math.min(...times), Math.max(...times));
  return new Map([...points].map(([time, { values }]) => [time, values.join("|")]));
}

/** A point as InfluxDB gives it back. */
export interface StoredPoint {
  /** epoch milliseconds */
  receivedAt: number;
  /** in the order of SERIES_COLUMNS; `stable` as 1 or 0 */
  values: (number | string | boolean | null)[];
}

/** Points of one device and kind measured between `from` and `to`, both included (epoch milliseconds), by point time. */
export async function readPoints(
  influx: InfluxPort,
  { deviceId, kind }: { deviceId: string; kind: SeriesKind },
  from: number,
  to: number,
): Promise<Map<string, StoredPoint>> {
  const columns = SERIES_COLUMNS[kind];
  const series = await influx.query(
    `SELECT "received_at", "seq", ${columns.map((name) => `"${name}"`).join(", ")} FROM "readings"` +
      ` WHERE "device" = ${quoted(deviceId)} AND "kind" = '${kind}' AND time >= ${from}ms AND time < ${to + 1}ms`,
  );
  const found = new Map<string, StoredPoint>();
  for (const { columns: names, values } of series) {
    const at = (row: (string | number | boolean | null)[], name: string) => row[names.indexOf(name)] ?? null;
    for (const row of values) {
      const seq = at(row, "seq");
      const time = pointTime({ ts: Number(at(row, "time")), seq: seq === null ? -1 : Number(seq) });
      found.set(time, { receivedAt: Number(at(row, "received_at")), values: columns.map((name) => at(row, name)) });
    }
  }
  return found;
}

function contentOf(reading: Arrival<SeriesKind>): string {
  const content = reading.content as unknown as Record<string, number | boolean | undefined>;
  return SERIES_COLUMNS[reading.kind]
    .map((name) => (content[name] === undefined ? "" : Number(content[name])))
    .join("|");
}

/** An InfluxQL string literal. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}
