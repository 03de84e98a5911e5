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
} from "../stores/queries/retention/expired-days.ts";
import { wouldFailAgain } from "../pipeline/poison-message.ts";
import { departedTags, forgetTags } from "../stores/queries/retention/departed-tags.ts";
import type { InfluxClient } from "../stores/influx/influx-client.ts";
import { runWrites } from "../stores/statement.ts";
import type { StoredReadings } from "../stores/queries/stored-readings.ts";
import type { Signal } from "../pipeline/signal-kinds.ts";
import { loadCheckpoints } from "../stores/queries/checkpoints.ts";
import { writeCheckpoints } from "../stores/writes/checkpoints.ts";

export interface RetentionOptions {
  stores: Pick<Stores, "pool" | "registry" | "tagStates" | "log">;
  stored: StoredReadings;
  /** undefined: gps, scale and env readings are in Postgres */
  influx: InfluxClient | undefined;
}

const DAY_MS = 86_400_000;
/** Tags that are forgotten in one statement. */
const TAGS_AT_ONCE = 2_000;
/** PostgreSQL's lock_not_available. */
const LOCK_TIMEOUT = "55P03";

/** What `dropExpiredDays` has done. Days as `YYYY-MM-DD`. */
export interface ExpiredDaysResult {
  deleted: string[];
  /** days whose retention has passed, and why they are kept nevertheless; `error`: with which deleting them failed */
  kept: { day: string; reason: KeptReason; error?: unknown }[];
}

/** In words for `/readyz`: no names and no addresses. */
export type KeptReason =
  | "late readings wait to be derived"
  | "a long query reads them"
  | "deleting them fails, see the log of ingest";

/**
 * Deletes the raw readings of every day for which nothing has arrived since `cutoff` (epoch milliseconds). Before that it
 * writes a checkpoint of each signal after its last reading of the day, from which later readings are derived. A reading
 * that arrives for a deleted day is stored, and changes no fact. A day that cannot be deleted now holds up no other.
 * @throws when a store is away
 */
export async function dropExpiredDays(
  options: RetentionOptions,
  cutoff: number,
  stop?: AbortSignal,
): Promise<ExpiredDaysResult> {
  const { pool, log } = options.stores;
  const result: ExpiredDaysResult = { deleted: [], kept: [] };
  for (const { day, waiting } of await expiredDays(pool, cutoff)) {
    if (stop?.aborted) break;
    if (waiting > 0) {
      result.kept.push({ day, reason: "late readings wait to be derived" });
      continue;
    }
    try {
      if (await dropDay(options, day, cutoff)) result.deleted.push(day);
    } catch (error) {
      const isLocked = error instanceof Error && "code" in error && error.code === LOCK_TIMEOUT;
      if (!isLocked && !wouldFailAgain(error)) throw error;
      if (isLocked) result.kept.push({ day, reason: "a long query reads them" });
      else result.kept.push({ day, reason: "deleting them fails, see the log of ingest", error });
    }
  }
  if (result.deleted.length > 0)
    log.info({ days: result.deleted }, "days of raw readings past their retention were deleted");
  return result;
}

/** @returns whether nothing has arrived for the day meanwhile, so that it is deleted */
async function dropDay(options: RetentionOptions, day: string, cutoff: number): Promise<boolean> {
  const { stores, influx } = options;
  const { pool, log } = stores;
  const from = Date.parse(`${day}T00:00:00Z`);
  const signals = await signalsToCheckpoint(pool, from, from + DAY_MS);
  const needed = signals.filter(({ isGone }) => !isGone);
  for (const signal of needed)
    if (!signal.hasCheckpoint && signal.kind !== "scan") await checkpointBeforePrune(options, signal);
  await expireReadings(pool, needed);
  const gone = signals.filter(({ isGone }) => isGone);
  for (let first = 0; first < gone.length; first += TAGS_AT_ONCE)
    await forgetTags(pool, gone.slice(first, first + TAGS_AT_ONCE));
  stores.tagStates.invalidate(new Set(gone.map(({ deviceId }) => deviceId)));
  if (influx) await deleteFromInflux(influx, from, log);
  return inTransaction(pool, (client) => dropReadingDay(client, day, cutoff));
}

/**
 * Forgets tags that have gone since their last reading was deleted, at most `limit`.
 * @returns how many
 */
export async function forgetDepartedTags({ stores }: RetentionOptions, limit: number): Promise<number> {
  const tags = await departedTags(stores.pool, limit);
  await forgetTags(stores.pool, tags);
  stores.tagStates.invalidate(new Set(tags.map(({ deviceId }) => deviceId)));
  return tags.length;
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
      "InfluxDB cannot delete readings by time: it keeps a day that Postgres deletes",
    );
  }
}
