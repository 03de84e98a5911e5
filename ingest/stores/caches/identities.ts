import { LRUCache } from "lru-cache";
import type { Pool } from "pg";
import type { Reading, ReadingKind } from "../../pipeline/reading.ts";
import { groupBy } from "../../domain/group-by.ts";
import { RecentReadings } from "./recent-readings.ts";

/**
 * Recognises repeats. A reading newer than everything known of its device and kind is new without a look; for the others
 * the last identities are remembered here, and older ones are looked up where they are stored.
 */
export interface ReadingIdentities {
  /** content hashes of those of `arrivals` that are already stored, by device and identity */
  findStored(arrivals: readonly Reading[]): Promise<Map<string, number>>;
  /**
   * remembers what a commit has stored of one device
   * @param newestBefore the newest time of measurement of that kind before the commit
   */
  commit(deviceId: string, arrivals: readonly Reading[], newestBefore: (kind: ReadingKind) => number | undefined): void;
  invalidate(deviceIds: Iterable<string>): void;
}

export function openReadingIdentities(pool: Pool, seriesInInflux: boolean, max = 20_000): ReadingIdentities {
  const cache = new LRUCache<string, Map<ReadingKind, RecentReadings>>({ max });
  return {
    async findStored(arrivals) {
      const found = new Map<string, number>();
      const lookUp: Reading[] = [];
      for (const arrival of arrivals) {
        const recent = cache.get(arrival.deviceId)?.get(arrival.kind);
        const hash = recent?.hashOf(arrival);
        if (hash !== undefined) found.set(readingKey(arrival), hash);
        else if (!(arrival.ts > (recent?.completeAfter ?? Number.POSITIVE_INFINITY))) lookUp.push(arrival);
      }
      for (const [kind, group] of groupBy(lookUp, ({ kind }) => kind))
        await lookUpStored(pool, seriesInInflux, kind, group, found);
      return found;
    },
    commit(deviceId, arrivals, newestBefore) {
      if (arrivals.length === 0) return;
      let kinds = cache.get(deviceId);
      if (kinds === undefined) cache.set(deviceId, (kinds = new Map()));
      for (const arrival of arrivals) {
        let recent = kinds.get(arrival.kind);
        if (recent === undefined) {
          // What is newer than everything stored before the first reading seen here has passed through this memory.
          recent = new RecentReadings(newestBefore(arrival.kind) ?? Number.NEGATIVE_INFINITY);
          kinds.set(arrival.kind, recent);
        }
        recent.add(arrival);
      }
    },
    invalidate(deviceIds) {
      for (const id of deviceIds) cache.delete(id);
    },
  };
}

/** Of one device's readings, the same identity is the same reading: kind, `ts`, `seq`; for RFID EPC and antenna (contract section 3). */
export function readingIdentity({ kind, ts, seq, content }: Reading): string {
  return "epc" in content ? `${kind} ${ts} ${seq} ${content.antenna ?? 0} ${content.epc}` : `${kind} ${ts} ${seq}`;
}

export function readingKey(arrival: Reading): string {
  return `${arrival.deviceId} ${readingIdentity(arrival)}`;
}

const TABLES: { [K in ReadingKind]: string } = {
  gps: "gps_readings",
  scale: "scale_readings",
  env: "env_readings",
  rfid: "rfid_reads",
  scan: "scans",
  status: "status_reports",
};

async function lookUpStored(
  pool: Pool,
  seriesInInflux: boolean,
  kind: ReadingKind,
  arrivals: readonly Reading[],
  found: Map<string, number>,
): Promise<void> {
  const isSeries = kind === "gps" || kind === "scale" || kind === "env";
  const table = isSeries && seriesInInflux ? "reading_ids" : TABLES[kind];
  const ofKind = table === "reading_ids" ? `AND s.kind = '${kind}'` : "";
  const tag = kind === "rfid" ? "AND s.epc = t.epc AND s.antenna = t.antenna" : "";
  const { rows } = await pool.query<{ n: number; hash: number }>({
    name: `known_${table}_${kind}`,
    text: `SELECT t.n::int AS n, s.content_hash AS hash
      FROM unnest($1::text[], $2::float8[], $3::bigint[], $4::text[], $5::int[]) WITH ORDINALITY AS t (d, ts, seq, epc, antenna, n)
      JOIN ${table} s ON s.device_id = t.d AND s.ts = to_timestamp(t.ts / 1000) AND s.seq = t.seq ${tag} ${ofKind}`,
    values: [
      arrivals.map(({ deviceId }) => deviceId),
      arrivals.map(({ ts }) => ts),
      arrivals.map(({ seq }) => seq),
      arrivals.map(({ content }) => ("epc" in content ? content.epc : "")),
      arrivals.map(({ content }) => ("epc" in content ? (content.antenna ?? 0) : 0)),
    ],
  });
  for (const { n, hash } of rows) found.set(readingKey(arrivals[n - 1]!), hash);
}
