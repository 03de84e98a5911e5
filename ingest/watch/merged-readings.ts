import type { Pool } from "pg";
import type { RiskReading } from "../domain/risks/risk-rule.ts";
import { compareSamples, type Sample } from "../signals/signal-rule.ts";
import { loadReadingFlags } from "../stores/queries/reading-flags.ts";
import type { StoredReading, StoredReadings } from "../stores/queries/stored-readings.ts";

/** Readings of one kind from one device, in a time; epoch milliseconds. */
export interface ReadingStream {
  deviceId: string;
  kind: "gps" | "env";
  of: RiskReading["of"];
  from: number;
  to: number | null;
}

/** A reading with the stream that it came by. */
export interface StreamReading {
  stream: number;
  reading: RiskReading;
}

const PAGE = 2_000;
/** A fix that may be further off tells nothing of a few hundred metres. */
const MAX_ACCURACY_M = 200;

/** All readings of the streams in the order of measurement, page by page. @param after where each stream was left */
export async function* mergedReadings(
  { pool, stored }: { pool: Pool; stored: StoredReadings },
  streams: readonly ReadingStream[],
  after: readonly Sample[],
): AsyncGenerator<StreamReading> {
  const sources = streams.map((stream, at) => ({
    ...{ stream, last: after[at]!, isEnd: false, page: [] as RiskReading[], next: 0 },
  }));
  for (;;) {
    for (const source of sources) {
      // A page may hold no usable reading, and not be the last.
      while (source.next >= source.page.length && !source.isEnd) {
        const { deviceId, kind, to } = source.stream;
        const rows = await stored.read(pool, { deviceId, kind, epc: "" }, source.last, PAGE);
        source.isEnd = rows.length < PAGE || (to !== null && rows.at(-1)!.ts >= to);
        const last = rows.at(-1);
        if (last) source.last = { ts: last.ts, seq: last.seq };
        source.page = await usable(pool, source.stream, rows);
        source.next = 0;
      }
    }
    let first: number | undefined;
    for (const [at, source] of sources.entries()) {
      const reading = source.page[source.next];
      if (reading === undefined) continue;
      const known = first === undefined ? undefined : sources[first]!.page[sources[first]!.next]!;
      if (known === undefined || compareReadings(reading, known) < 0) first = at;
    }
    if (first === undefined) return;
    const source = sources[first]!;
    yield { stream: first, reading: source.page[source.next]! };
    source.next += 1;
  }
}

const compareReadings = (a: RiskReading, b: RiskReading): number =>
  compareSamples(a, b) || (a.deviceId < b.deviceId ? -1 : a.deviceId > b.deviceId ? 1 : 0);

async function usable(pool: Pool, stream: ReadingStream, rows: readonly StoredReading[]): Promise<RiskReading[]> {
  const { deviceId, kind, of, to } = stream;
  const within = rows.filter(({ ts }) => to === null || ts < to);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (kind === "env") {
    return within.map(({ ts, seq, content }) => {
      const { lux } = content as { lux?: number };
      return { ts, seq, deviceId, of, ...(lux !== undefined && { lux }) };
    });
  }
  const flags = await loadReadingFlags(pool, deviceId, kind, first.ts - 1, last.ts);
  const bad = new Set(
    flags.flatMap(({ ts, seq, quality }) => (quality === "ok" || quality === "approx" ? [] : `${ts} ${seq}`)),
  );
  return within.map(({ ts, seq, content }) => {
    const { lat, lon, accuracy = 0 } = content as { lat: number; lon: number; accuracy?: number };
    const isGood = accuracy <= MAX_ACCURACY_M && !bad.has(`${ts} ${seq}`);
    return { ts, seq, deviceId, of, ...(isGood && { position: { lat, lon } }) };
  });
}
