import { READING_KINDS, type SeriesKind } from "../../domain/reading-kinds.ts";
import { groupBy } from "../../domain/group-by.ts";
import { pointTime } from "./line-protocol.ts";
import type { InfluxClient } from "./influx-client.ts";

/** A point as InfluxDB returns it. */
export interface StoredPoint {
  /** epoch milliseconds */
  receivedAt: number;
  /** in the order of the columns of its kind; `stable` as 1 or 0 */
  values: (number | string | boolean | null)[];
}

/** A time range of one device's points of one kind; epoch milliseconds, both ends included. */
export interface PointRange {
  deviceId: string;
  kind: SeriesKind;
  from: number;
  to: number;
}

/** Points of one device and kind, by point time (line-protocol.ts). */
export async function readPoints(influx: InfluxClient, range: PointRange): Promise<Map<string, StoredPoint>> {
  const [found] = await readGroup(influx, [range]);
  return found ?? new Map();
}

/** The most devices in one query. */
const MAX_DEVICES = 200;
/**
 * The longest time range of one query for several devices, milliseconds: it reads the points of every device over the
 * whole range, also those that were not asked for.
 */
const MAX_RANGE_MS = 60_000;
const MAX_CONCURRENT_QUERIES = 4;

/** Points of many devices, in few queries; the results are in the order of `ranges`. */
export async function readPointsOfMany(
  influx: InfluxClient,
  ranges: readonly PointRange[],
): Promise<Map<string, StoredPoint>[]> {
  const found = new Map<PointRange, Map<string, StoredPoint>>();
  const groups = groupNearby(ranges);
  for (let first = 0; first < groups.length; first += MAX_CONCURRENT_QUERIES) {
    const batch = groups.slice(first, first + MAX_CONCURRENT_QUERIES);
    const results = await Promise.all(batch.map((group) => readGroup(influx, group)));
    batch.forEach((group, i) => group.forEach((range, j) => found.set(range, results[i]![j]!)));
  }
  return ranges.map((range) => found.get(range)!);
}

/**
 * The newest stored time of each of these devices and kinds, epoch milliseconds. Points before `from` are not looked for:
 * where none is stored since, the result is a time before it.
 */
export async function newestTimes(
  influx: InfluxClient,
  ranges: readonly PointRange[],
): Promise<Map<PointRange, number>> {
  const found = new Map<PointRange, number>();
  for (const [kind, ofKind] of groupBy(ranges, (range) => range.kind)) {
    for (let first = 0; first < ofKind.length; first += MAX_DEVICES) {
      const group = ofKind.slice(first, first + MAX_DEVICES);
      const from = Math.min(...group.map((range) => range.from));
      const series = await influx.query(
        `SELECT last("received_at") FROM "readings" WHERE ${deviceCondition(group)} AND "kind" = '${kind}' AND time >= ${from}ms GROUP BY "device"`,
      );
      const newest = new Map(series.map(({ tags, values }) => [tags?.["device"], Number(values[0]?.[0])]));
      for (const range of group) found.set(range, newest.get(range.deviceId) ?? from - 1);
    }
  }
  return found;
}

/** Groups ranges of one kind that lie near each other: one query for all of them reads little more than one for each. */
function groupNearby(ranges: readonly PointRange[]): PointRange[][] {
  const groups: PointRange[][] = [];
  let to = Number.NEGATIVE_INFINITY;
  for (const range of ranges.toSorted((a, b) => (a.kind === b.kind ? a.from - b.from : a.kind < b.kind ? -1 : 1))) {
    const group = groups.at(-1);
    const first = group?.[0];
    const groupTo = Math.max(to, range.to);
    if (
      group !== undefined &&
      first?.kind === range.kind &&
      group.length < MAX_DEVICES &&
      groupTo - first.from <= MAX_RANGE_MS
    ) {
      group.push(range);
      to = groupTo;
    } else {
      groups.push([range]);
      to = range.to;
    }
  }
  return groups;
}

/** @param ranges of one kind, each of another device */
async function readGroup(influx: InfluxClient, ranges: readonly PointRange[]): Promise<Map<string, StoredPoint>[]> {
  const { kind } = ranges[0]!;
  const columns = READING_KINDS[kind].columnNames;
  const from = Math.min(...ranges.map((range) => range.from));
  const to = Math.max(...ranges.map((range) => range.to));
  const series = await influx.query(
    `SELECT "received_at", "seq", ${columns.map((name) => `"${name}"`).join(", ")} FROM "readings"` +
      ` WHERE ${deviceCondition(ranges)} AND "kind" = '${kind}' AND time >= ${from}ms AND time < ${to + 1}ms GROUP BY "device"`,
  );
  const found = new Map(ranges.map(({ deviceId }) => [deviceId, new Map<string, StoredPoint>()]));
  for (const { tags, columns: names, values } of series) {
    const points = found.get(tags?.["device"] ?? "");
    const at = (row: (string | number | boolean | null)[], name: string) => row[names.indexOf(name)] ?? null;
    for (const row of values) {
      const seq = at(row, "seq");
      const time = pointTime({ ts: Number(at(row, "time")), seq: seq === null ? -1 : Number(seq) });
      points?.set(time, { receivedAt: Number(at(row, "received_at")), values: columns.map((name) => at(row, name)) });
    }
  }
  return ranges.map(({ deviceId }) => found.get(deviceId)!);
}

function deviceCondition(ranges: readonly PointRange[]): string {
  return `(${ranges.map(({ deviceId }) => `"device" = ${quoted(deviceId)}`).join(" OR ")})`;
}

/** An InfluxQL string literal. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}
