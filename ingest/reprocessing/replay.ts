import { setTimeout as sleep } from "node:timers/promises";
import { Mutex } from "async-mutex";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { factsOfScans } from "../pipeline/resolve-scans.ts";
import { decide, noticeOf } from "../decisions/decide.ts";
import type { NewFact } from "../domain/fact.ts";
import { inTransaction, recordFacts } from "../decisions/record-facts.ts";
import { factChanges, rederive, type SignalStores } from "./rederive-signal.ts";
import type { Scan } from "../pipeline/scan-facts.ts";
import type { Sample } from "../signals/signal-rule.ts";
import { openDeviceStates } from "../stores/caches/device-states.ts";
import { readingsInInflux } from "../stores/influx/stored-readings.ts";
import { openDeviceRegistry } from "../stores/caches/device-registry.ts";
import { allFoldedSubjects, scannersSince, signalsSince } from "../stores/queries/replay-scope.ts";
import type { InfluxClient } from "../stores/influx/influx-client.ts";
import { isVersionConflict, runWrites } from "../stores/statement.ts";
import { readingsInPostgres, type StoredReadings } from "../stores/queries/stored-readings.ts";
import { openTagStates } from "../stores/caches/tag-states.ts";
import { loadReadingsExpiredUntil } from "../stores/queries/checkpoints.ts";
import { loadSignalFacts } from "../stores/queries/facts.ts";
import { checkRegistry } from "../stores/writes/registry-version.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

export interface ReplayOptions {
  pool: Pool;
  /** undefined: gps, scale and env readings are in Postgres */
  influx: InfluxClient | undefined;
  /** epoch milliseconds; facts from sensors that were concluded earlier stay as they are */
  since: number;
  log: Logger;
}

export interface ReplayResult {
  signals: number;
  /** facts that were missing, wrong or too many */
  changedFacts: number;
  /** shipments and stock positions folded again */
  folded: number;
}

/** After so many version conflicts in a row the replay ends with the error: the device is too busy now. */
const MAX_ATTEMPTS = 20;
const SCANS_PAGE = 1_000;
const FOLD_BATCH_SIZE = 100;
/** How long to wait for a reading that the series worker may be about to write to InfluxDB, milliseconds. */
const SERIES_WAIT_MS = 2_000;

/**
 * Rebuilds everything that is derived from readings: each signal from its last checkpoint before `since`, the facts of
 * scans, and every shipment and stock position from its facts. Facts from people stay. When nothing was wrong, and places
 * and mounts are unchanged, nothing changes. It may run beside a running platform.
 */
export async function replay({ pool, influx, since, log }: ReplayOptions): Promise<ReplayResult> {
  const registry = await openDeviceRegistry(pool);
  const stores: SignalStores = {
    mutex: new Mutex(),
    pool,
    registry,
    deviceStates: openDeviceStates(pool),
    tagStates: openTagStates(pool),
  };
  const stored = influx ? readingsInInflux(influx, seriesCaughtUp, log) : readingsInPostgres;
  try {
    let changedFacts = 0;
    const { devices } = await registry.current();
    const signals = (await signalsSince(pool, since)).filter(({ deviceId }) => devices.has(deviceId));
    for (const signal of signals) {
      const work = { signal, from: since, to: Number.POSITIVE_INFINITY, windows: [], late: false };
      changedFacts += await retryConflicts(() => rederive(stores, stored, work));
    }
    for (const deviceId of await scannersSince(pool, since)) {
      changedFacts += await retryConflicts(async () =>
        replayScans(pool, stored, deviceId, since, await registry.current()).catch((error: unknown) => {
          registry.invalidate();
          throw error;
        }),
      );
    }
    const subjects = await allFoldedSubjects(pool);
    for (let i = 0; i < subjects.length; i += FOLD_BATCH_SIZE) {
      const refold = subjects.slice(i, i + FOLD_BATCH_SIZE);
      await inTransaction(pool, (client) => recordFacts(client, { facts: [], refold }));
    }
    return { signals: signals.length, changedFacts, folded: subjects.length };
  } finally {
    await registry.close();
  }
}

async function replayScans(
  pool: Pool,
  stored: StoredReadings,
  deviceId: string,
  since: number,
  registry: DeviceRegistry,
): Promise<number> {
  const derived: NewFact[] = [];
  const signal = { deviceId, kind: "scan", epc: "" } as const;
  // The facts of deleted scans cannot be derived again: they stay.
  const from = Math.max(since - 1, (await loadReadingsExpiredUntil(pool, signal)) ?? Number.NEGATIVE_INFINITY);
  let after: Sample = { ts: from, seq: Number.MAX_SAFE_INTEGER };
  for (;;) {
    const scans = await stored.read(pool, signal, after, SCANS_PAGE);
    const last = scans.at(-1);
    if (last === undefined) break;
    derived.push(...(await factsOfScans(pool, scans as unknown as Scan[], registry)));
    after = last;
  }
  return inTransaction(pool, async (client) => {
    const recorded = await loadSignalFacts(client, deviceId, "scan", from, null);
    const changes = factChanges(recorded, derived, false);
    const decision = await decide(client, changes, registry.places);
    const { writes, stockIds } = decision;
    const check = checkRegistry(registry, { deviceIds: [deviceId], stockIds, looksUpStock: true });
    const notice = notifyChanges(noticeOf(decision));
    if (writes.length > 0) await runWrites(client, [check, ...writes, notice]);
    return changes.added.length + changes.withdrawn.length;
  });
}

async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS || !isVersionConflict(error)) throw error;
    }
  }
}

/** The series worker runs in another process: assume that InfluxDB refused what it has not written after a while. */
async function seriesCaughtUp(): Promise<() => boolean> {
  const begun = performance.now();
  await sleep(0);
  return () => performance.now() - begun >= SERIES_WAIT_MS;
}
