import { SERIES_COLUMNS, type SeriesKind } from "../../../broker/contract/readings.ts";
import { groupBy } from "../../domain/group-by.ts";
import { pointTime } from "./line-protocol.ts";
import type { InfluxPort } from "./series.ts";

/** A point as InfluxDB gives it back. */
export interface StoredPoint {
  /** epoch milliseconds */
  receivedAt: number;
  /** in the order of SERIES_COLUMNS; `stable` as 1 or 0 */
  values: (number | string | boolean | null)[];
}

/** A stretch of one device's points of one kind, both ends included, epoch milliseconds. */
export interface PointSpan {
  deviceId: string;
  kind: SeriesKind;
  from: number;
  to: number;
}

/** Points of one device and kind, by point time. */
export async function readPoints(influx: InfluxPort, span: PointSpan): Promise<Map<string, StoredPoint>> {
  const [found] = await readTogether(influx, [span]);
  return found ?? new Map();
}

/** So many devices in one question. */
const MOST_DEVICES = 200;
/** … and so long a stretch, unless one device's own is longer: what others have in between is read for nothing. */
const MOST_MS = 60_000;
const AT_ONCE = 4;

/** Points of many devices, in few questions; the answers are in the order of `spans`. */
export async function readPointsOfMany(
  influx: InfluxPort,
  spans: readonly PointSpan[],
): Promise<Map<string, StoredPoint>[]> {
  const found = new Map<PointSpan, Map<string, StoredPoint>>();
  const questions = together(spans);
  for (let first = 0; first < questions.length; first += AT_ONCE) {
    const asked = questions.slice(first, first + AT_ONCE);
    const answers = await Promise.all(asked.map((question) => readTogether(influx, question)));
    asked.forEach((question, i) => question.forEach((span, j) => found.set(span, answers[i]![j]!)));
  }
  return spans.map((span) => found.get(span)!);
}

/**
 * The newest stored time of each of these devices and kinds, epoch milliseconds. Where nothing is stored from its span on,
 * a time before the span: what is older is not looked for.
 */
export async function newestOfMany(influx: InfluxPort, spans: readonly PointSpan[]): Promise<Map<PointSpan, number>> {
  const found = new Map<PointSpan, number>();
  for (const [kind, ofKind] of groupBy(spans, (span) => span.kind)) {
    for (let first = 0; first < ofKind.length; first += MOST_DEVICES) {
      const asked = ofKind.slice(first, first + MOST_DEVICES);
      const from = Math.min(...asked.map((span) => span.from));
      const series = await influx.query(
        `SELECT last("received_at") FROM "readings" WHERE ${isOneOf(asked)} AND "kind" = '${kind}' AND time >= ${from}ms GROUP BY "device"`,
      );
      const newest = new Map(series.map(({ tags, values }) => [tags?.["device"], Number(values[0]?.[0])]));
      for (const span of asked) found.set(span, newest.get(span.deviceId) ?? from - 1);
    }
  }
  return found;
}

/** Spans of one kind that lie near each other, so that one question for all of them reads little more than each. */
function together(spans: readonly PointSpan[]): PointSpan[][] {
  const questions: PointSpan[][] = [];
  let to = Number.NEGATIVE_INFINITY;
  for (const span of spans.toSorted((a, b) => (a.kind === b.kind ? a.from - b.from : a.kind < b.kind ? -1 : 1))) {
    const question = questions.at(-1);
    const first = question?.[0];
    const wider = Math.max(to, span.to);
    if (
      question !== undefined &&
      first?.kind === span.kind &&
      question.length < MOST_DEVICES &&
      wider - first.from <= MOST_MS
    ) {
      question.push(span);
      to = wider;
    } else {
      questions.push([span]);
      to = span.to;
    }
  }
  return questions;
}

/** @param spans of one kind, each of another device */
async function readTogether(influx: InfluxPort, spans: readonly PointSpan[]): Promise<Map<string, StoredPoint>[]> {
  const { kind } = spans[0]!;
  const columns = SERIES_COLUMNS[kind];
  const from = Math.min(...spans.map((span) => span.from));
  const to = Math.max(...spans.map((span) => span.to));
  const series = await influx.query(
    `SELECT "received_at", "seq", ${columns.map((name) => `"${name}"`).join(", ")} FROM "readings"` +
      ` WHERE ${isOneOf(spans)} AND "kind" = '${kind}' AND time >= ${from}ms AND time < ${to + 1}ms GROUP BY "device"`,
  );
  const found = new Map(spans.map(({ deviceId }) => [deviceId, new Map<string, StoredPoint>()]));
  for (const { tags, columns: names, values } of series) {
    const points = found.get(tags?.["device"] ?? "");
    const at = (row: (string | number | boolean | null)[], name: string) => row[names.indexOf(name)] ?? null;
    for (const row of values) {
      const seq = at(row, "seq");
      const time = pointTime({ ts: Number(at(row, "time")), seq: seq === null ? -1 : Number(seq) });
      points?.set(time, { receivedAt: Number(at(row, "received_at")), values: columns.map((name) => at(row, name)) });
    }
  }
  return spans.map(({ deviceId }) => found.get(deviceId)!);
}

function isOneOf(spans: readonly PointSpan[]): string {
  return `(${spans.map(({ deviceId }) => `"device" = ${quoted(deviceId)}`).join(" OR ")})`;
}

/** An InfluxQL string literal. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}
