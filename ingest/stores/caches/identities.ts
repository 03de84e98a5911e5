import { LRUCache } from "lru-cache";
import type { Pool } from "pg";
import { groupBy } from "../../domain/group-by.ts";
import { isSeriesKind, READING_KINDS, type ReadingKind } from "../../domain/reading-kinds.ts";
import type { Reading } from "../../pipeline/reading.ts";
import { RecentReadings } from "./recent-readings.ts";
import { timeOfMs } from "../sql-time.ts";

/**
 * Recognises readings that are stored already. A reading newer than all stored ones of its device and kind needs no lookup.
 * The last identities of each device and kind are in memory; older ones are looked up in Postgres.
 */
export interface ReadingIdentities {
  /** content hashes of those of `readings` that are stored already, by `readingKey` */
  findStored(readings: readonly Reading[]): Promise<Map<string, number>>;
  /**
   * adds the readings of one device that a commit has stored
   * @param newestBefore the newest time of measurement of that kind before the commit
   */
  commit(deviceId: string, readings: readonly Reading[], newestBefore: (kind: ReadingKind) => number | undefined): void;
  /** drops the identities of these devices, because another writer has changed them */
  invalidate(deviceIds: Iterable<string>): void;
}

export function openReadingIdentities(pool: Pool, seriesInInflux: boolean, max = 20_000): ReadingIdentities {
  const cache = new LRUCache<string, Map<ReadingKind, RecentReadings>>({ max });
  return {
    async findStored(readings) {
      const found = new Map<string, number>();
      const lookUp: Reading[] = [];
      for (const reading of readings) {
        const recent = cache.get(reading.deviceId)?.get(reading.kind);
        const hash = recent?.hashOf(reading);
        if (hash !== undefined) found.set(readingKey(reading), hash);
        else if (!(reading.ts > (recent?.completeAfter ?? Number.POSITIVE_INFINITY))) lookUp.push(reading);
      }
      for (const [kind, group] of groupBy(lookUp, ({ kind }) => kind))
        await lookUpStored(pool, seriesInInflux, kind, group, found);
      return found;
    },
    commit(deviceId, readings, newestBefore) {
      if (readings.length === 0) return;
      let kinds = cache.get(deviceId);
      if (kinds === undefined) cache.set(deviceId, (kinds = new Map()));
      for (const reading of readings) {
        let recent = kinds.get(reading.kind);
        if (recent === undefined) {
          // From here on every reading newer than the newest one stored before passes through this cache.
          recent = new RecentReadings(newestBefore(reading.kind) ?? Number.NEGATIVE_INFINITY);
          kinds.set(reading.kind, recent);
        }
        recent.add(reading);
      }
    },
    invalidate(deviceIds) {
      for (const id of deviceIds) cache.delete(id);
    },
  };
}

/** Two readings of one device are the same if kind, `ts` and `seq` are, and for RFID also EPC and antenna. */
export function readingIdentity({ kind, ts, seq, content }: Reading): string {
  return "epc" in content ? `${kind} ${ts} ${seq} ${content.antenna ?? 0} ${content.epc}` : `${kind} ${ts} ${seq}`;
}

/** The identity of a reading among those of all devices. */
export function readingKey(reading: Reading): string {
  return `${reading.deviceId} ${readingIdentity(reading)}`;
}

async function lookUpStored(
  pool: Pool,
  seriesInInflux: boolean,
  kind: ReadingKind,
  readings: readonly Reading[],
  found: Map<string, number>,
): Promise<void> {
  const table = isSeriesKind(kind) && seriesInInflux ? "reading_ids" : READING_KINDS[kind].table;
  const ofKind = table === "reading_ids" ? `AND s.kind = '${kind}'` : "";
  const tag = kind === "rfid" ? "AND s.epc = t.epc AND s.antenna = t.antenna" : "";
  const { rows } = await pool.query<{ n: number; hash: number }>({
    name: `known_${table}_${kind}`,
    text: `SELECT t.n::int AS n, s.content_hash AS hash
      FROM unnest($1::text[], $2::float8[], $3::bigint[], $4::text[], $5::int[]) WITH ORDINALITY AS t (d, ts, seq, epc, antenna, n)
      JOIN ${table} s ON s.device_id = t.d AND s.ts = ${timeOfMs("t.ts")} AND s.seq = t.seq ${tag} ${ofKind}`,
    values: [
      readings.map(({ deviceId }) => deviceId),
      readings.map(({ ts }) => ts),
      readings.map(({ seq }) => seq),
      readings.map(({ content }) => ("epc" in content ? content.epc : "")),
      readings.map(({ content }) => ("epc" in content ? (content.antenna ?? 0) : 0)),
    ],
  });
  for (const { n, hash } of rows) found.set(readingKey(readings[n - 1]!), hash);
}
