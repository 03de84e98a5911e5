import type { Logger } from "pino";
import type { Stores } from "../pipeline/process-batch.ts";
import { startDerivation } from "./signal-derivation.ts";
import { inTransaction } from "../decisions/record-facts.ts";
import {
  expireReadings,
  dropReadingDay,
  expiredDays,
  signalsToCheckpoint,
  type SignalOfDay,
} from "../stores/queries/expired-days.ts";
import type { InfluxClient } from "../stores/influx/influx-client.ts";
import { runWrites } from "../stores/statement.ts";
import type { StoredReadings } from "../stores/queries/stored-readings.ts";
import type { Signal } from "../pipeline/signal-kinds.ts";
import { loadCheckpoints } from "../stores/queries/checkpoints.ts";
import { writeCheckpoints } from "../stores/writes/checkpoints.ts";

export interface RetentionOptions {
  stores: Pick<Stores, "pool" | "registry" | "log">;
  stored: StoredReadings;
  /** undefined: gps, scale and env readings are in Postgres */
  influx: InfluxClient | undefined;
}

const DAY_MS = 86_400_000;
/** Days per call; the next call drops the next ones. */
const BATCH_SIZE = 10;

/**
 * Deletes the raw readings of every day for which nothing has arrived since `cutoff` (epoch milliseconds). Before that it
 * writes a checkpoint of each signal after its last reading of the day, from which later readings are derived. A reading
 * that arrives for a deleted day is stored, and changes no fact.
 * @returns the deleted days, e.g. 2026-03-01
 */
export async function dropExpiredDays(options: RetentionOptions, cutoff: number): Promise<string[]> {
  const { stores, influx } = options;
  const { pool, log } = stores;
  const deleted: string[] = [];
  for (const day of await expiredDays(pool, cutoff, BATCH_SIZE)) {
    const from = Date.parse(`${day}T00:00:00Z`);
    const signals = await signalsToCheckpoint(pool, from, from + DAY_MS);
    for (const signal of signals)
      if (!signal.hasCheckpoint && signal.kind !== "scan") await checkpointBeforePrune(options, signal);
    await expireReadings(pool, signals);
    if (influx) await deleteFromInflux(influx, from, log);
    if (await inTransaction(pool, (client) => dropReadingDay(client, day, cutoff))) deleted.push(day);
  }
  if (deleted.length > 0)
    log.info({ days: deleted }, "raw readings of days for which nothing arrives any more are deleted");
  return deleted;
}

/** Derives the signal up to its last reading of the day, and stores the rule's state as a checkpoint. */
async function checkpointBeforePrune({ stores, stored }: RetentionOptions, of: SignalOfDay): Promise<void> {
  const { pool } = stores;
  const signal = of as Signal & SignalOfDay;
  const until: StoredReadings = {
    ...stored,
    read: async (...asked) => (await stored.read(...asked)).filter(({ ts }) => ts <= of.last),
  };
  const { before } = await loadCheckpoints(pool, signal, of.last, of.last);
  const registry = await stores.registry.current();
  const derivation = startDerivation({ stored: until, signal, registry, from: before, later: [] });
  await derivation.advance(pool);
  const { last, signalState } = derivation;
  const { deviceId, kind, epc } = signal;
  // InfluxDB may have refused the day's last reading: then the state is that of the reading before.
  const at = last?.ts === of.last ? last : { ts: of.last, seq: -1 };
  await runWrites(pool, [writeCheckpoints([{ deviceId, kind, epc, ...at, state: signalState.current }])]);
}

/** Answers of servers that can never delete by time, such as InfluxDB 3 Core (by its documentation, not run). */
const DELETE_UNSUPPORTED: ReadonlySet<unknown> = new Set([200, 400, 405, 422, 501]);

async function deleteFromInflux(influx: InfluxClient, from: number, log: Logger): Promise<void> {
  try {
    await influx.query(`DELETE FROM "readings" WHERE time >= ${from}ms AND time < ${from + DAY_MS}ms`);
  } catch (error) {
    const { status } = error as { status?: unknown };
    if (!DELETE_UNSUPPORTED.has(status)) throw error;
    log.warn(
      { err: error, day: new Date(from) },
      "the series store cannot delete readings: it keeps a day that is deleted elsewhere",
    );
  }
}
