import { setTimeout as sleep } from "node:timers/promises";
import type { Stores } from "../pipeline/process-batch.ts";
import { comparePositions } from "../pipeline/journal-position.ts";
import type { Position } from "../../broker/journal/journal.ts";
import { startLoop, type Loop } from "./loop.ts";
import { rederive } from "../reprocessing/rederive-signal.ts";
import { type LateSignal, loadLateSignals, postponeLateWindows } from "../stores/queries/late-windows.ts";
import { countSetAside, setAside } from "../stores/queries/set-aside.ts";
import { errorText } from "../pipeline/decode.ts";
import { wouldFailAgain } from "../pipeline/poison-message.ts";
import { NotYetStored } from "../stores/influx/stored-readings.ts";
import { isVersionConflict } from "../stores/statement.ts";
import type { StoredReadings } from "../stores/queries/stored-readings.ts";
import { signalName } from "../pipeline/signal-kinds.ts";

export interface LateDataWorkerOptions {
  stores: Stores;
  stored: StoredReadings;
  journalId: string;
  /** how far the series worker has written; undefined when the state worker stores the readings itself */
  seriesCursor: (() => Position) | undefined;
  /** whether the state worker has no new readings to process */
  isQuiet: () => boolean;
}

export interface LateDataWorker extends Loop {
  /** how many signals waited at the last tick, at most 100 */
  waiting(): number;
  /** of how many devices and kinds late readings were given up, and wait in quarantine for a person */
  setAside(): number;
}

const POLL_MS = 100;
/** After deriving a signal again, leave it alone for this many times as long: a backlog arrives in many pieces. */
const REST_FACTOR = 4;
/** … and after a failure for at least this long, milliseconds. After a fault of the data: twice as long with each further one. */
const REST_AFTER_FAILURE_MS = 5_000;
/** A signal that fails this often, in eleven hours, is set aside: it must not keep its days from being deleted for ever. */
const MAX_ATTEMPTS = 14;
const COUNT_EVERY_MS = 1_000;

/** Derives signals again whose readings arrived too late to be detected at once (docs/decisions/05-late-data.md). */
export function startLateDataWorker({
  stores,
  stored,
  journalId,
  seriesCursor,
  isQuiet,
}: LateDataWorkerOptions): LateDataWorker {
  const { pool, log } = stores;
  const resting = new Map<string, number>();
  const ending = new AbortController();
  let waitingNow = 0;
  let setAsideNow = 0;
  let countedAt = Number.NEGATIVE_INFINITY;

  async function tick(): Promise<boolean> {
    const waiting = await loadLateSignals(pool, journalId, seriesCursor !== undefined);
    waitingNow = waiting.length;
    const now = performance.now();
    if (now - countedAt >= COUNT_EVERY_MS) {
      setAsideNow = await countSetAside(pool);
      countedAt = now;
    }
    for (const [name, until] of resting) if (until <= now) resting.delete(name);
    for (const late of waiting) {
      if (ending.signal.aborted) break;
      if (!late.isDue || resting.has(nameOf(late)) || !isStored(late)) continue;
      const began = performance.now();
      await rederiveLate(late);
      // Use at most half of the time while current readings come: they matter more than late ones.
      if (isQuiet()) continue;
      await sleep(performance.now() - began, undefined, { signal: ending.signal }).catch(() => undefined);
    }
    return false;
  }

  function isStored({ through }: LateSignal): boolean {
    return seriesCursor === undefined || through === undefined || comparePositions(seriesCursor(), through) >= 0;
  }

  async function rederiveLate(late: LateSignal): Promise<void> {
    const { signal, from, to, ids } = late;
    const began = performance.now();
    let restMs = 0;
    try {
      const changed = await rederive(stores, stored, { signal, from, to, windows: ids, late: true });
      if (changed > 0) log.info({ signal, from: new Date(from).toISOString(), changed }, "late readings changed facts");
    } catch (error) {
      // A version conflict, or a reading that the series store does not have yet, is no fault.
      if (!isVersionConflict(error) && !(error instanceof NotYetStored)) {
        if (wouldFailAgain(error)) await noteFailure(late, error);
        else {
          log.warn({ err: error, signal }, "late readings could not be processed now; trying again");
          restMs = REST_AFTER_FAILURE_MS;
        }
      }
    }
    resting.set(nameOf(late), performance.now() + Math.max(restMs, REST_FACTOR * (performance.now() - began)));
  }

  async function noteFailure({ signal, ids, attempts: before }: LateSignal, error: unknown): Promise<void> {
    const attempts = before + 1;
    if (attempts < MAX_ATTEMPTS) {
      log.error({ err: error, signal, attempts }, "processing late readings failed; trying again");
      await postponeLateWindows(pool, ids, attempts, REST_AFTER_FAILURE_MS * 2 ** before);
      return;
    }
    log.error(
      { err: error, signal, attempts },
      "processing late readings failed too often; they are set aside in quarantine",
    );
    const of = signal.epc === "" ? "" : ` of the tag ${signal.epc}`;
    const detail = `late readings${of} are stored, but ${attempts} attempts to derive facts from them failed: ${errorText(error)}`;
    await setAside(pool, signal, ids, detail);
    countedAt = Number.NEGATIVE_INFINITY;
  }

  const loop = startLoop("late data", tick, log, POLL_MS);
  return {
    ...loop,
    waiting: () => waitingNow,
    setAside: () => setAsideNow,
    close() {
      ending.abort();
      return loop.close();
    },
  };
}

function nameOf({ signal }: LateSignal): string {
  return `${signal.deviceId} ${signalName(signal)}`;
}
