import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { isBooleanColumn, isSeriesKind, READING_KINDS, type SeriesKind } from "../../domain/reading-kinds.ts";
import { readPoints } from "./points.ts";
import { pointTime } from "./line-protocol.ts";
import type { InfluxClient } from "./influx-client.ts";
import {
  sqlAfter,
  countIn,
  readingsInPostgres,
  readingFromColumns,
  type StoredReading,
  type StoredReadings,
  type StoredSignal,
  paramsAfter,
} from "../queries/stored-readings.ts";
import { msOfTime } from "../sql-time.ts";

/** The identities of readings are in Postgres, but their content is not in InfluxDB yet. Try again later. */
export class NotYetStored extends Error {}

const POLL_MS = 20;
const WAIT_MS = 5_000;

/** @returns a check whether the series store has everything by now that was committed to Postgres when this was called */
export type SeriesCaughtUp = () => Promise<() => boolean>;

/**
 * Readings whose content is in InfluxDB. Their identities in Postgres tell which readings exist: InfluxDB may have readings
 * that the state worker has not processed yet, and lack some that it has.
 */
export function readingsInInflux(influx: InfluxClient, seriesCaughtUp: SeriesCaughtUp, log: Logger): StoredReadings {
  return {
    async read(client, signal, after, limit) {
      const { kind, deviceId } = signal;
      if (!isSeriesSignal(signal)) return readingsInPostgres.read(client, signal, after, limit);
      const { rows: known } = await client.query<{ ts: number; seq: number }>({
        name: `known_${kind}`,
        text: `SELECT ${msOfTime("ts")} AS ts, seq FROM reading_ids
          WHERE ${sqlAfter(kind)} AND kind = '${kind}' ORDER BY ts, seq LIMIT $6`,
        values: [...paramsAfter(signal, after), limit],
      });
      const [first, last] = [known[0], known.at(-1)];
      if (first === undefined || last === undefined) return [];
      const isCaughtUp = await seriesCaughtUp();
      const deadline = performance.now() + WAIT_MS;
      for (;;) {
        // Check before reading: the points written until then must be among those read.
        const complete = isCaughtUp();
        const points = await readPoints(influx, { deviceId, kind: signal.kind, from: first.ts, to: last.ts });
        const missing = known.filter((id) => !points.has(pointTime(id)));
        if (missing.length > 0 && !complete) {
          if (performance.now() > deadline)
            throw new NotYetStored(`${missing.length} readings are not in InfluxDB yet`);
          await sleep(POLL_MS);
          continue;
        }
        if (missing.length > 0) log.warn({ deviceId, kind, missing: missing.length }, "InfluxDB has rejected readings");
        return known.flatMap((id) => {
          const point = points.get(pointTime(id));
          if (point === undefined) return [];
          const { receivedAt, values } = point;
          const columns = Object.fromEntries(
            READING_KINDS[signal.kind].columnNames.map((name, index) => [
              name,
              valueOf(signal.kind, name, values[index]),
            ]),
          );
          return [readingFromColumns({ deviceId, kind, ...id, receivedAt }, columns)] satisfies StoredReading[];
        });
      }
    },
    count: (client, signal, after, through) =>
      isSeriesSignal(signal)
        ? countIn(client, "reading_ids", signal, after, through)
        : readingsInPostgres.count(client, signal, after, through),
  };
}

function isSeriesSignal(signal: StoredSignal): signal is StoredSignal & { kind: SeriesKind } {
  return isSeriesKind(signal.kind);
}

function valueOf(kind: SeriesKind, name: string, value: unknown): unknown {
  return isBooleanColumn(kind, name) && typeof value === "number" ? value !== 0 : value;
}
