import { isDeepStrictEqual } from "node:util";
import type { PoolClient } from "pg";
import type { Stores } from "../pipeline/process-batch.ts";
import { decide, noticeOf } from "../decisions/decide.ts";
import { startDerivation, type Derivation } from "./signal-derivation.ts";
import type { NewFact } from "../domain/fact.ts";
import { inTransaction } from "../decisions/record-facts.ts";
import { dwellEndFact } from "../signals/tag-dwell.ts";
import { loadDeviceStates } from "../stores/queries/device-states.ts";
import { dwellSubject } from "../stores/queries/tag-timeouts.ts";
import { fireTimersOfVehicles, writeTimers } from "../stores/writes/timers.ts";
import { removeLateWindows } from "../stores/writes/late-windows.ts";
import { writeSignal } from "../stores/writes/signal.ts";
import { type Write, runWrites } from "../stores/statement.ts";
import type { TagState } from "../stores/caches/tag-states.ts";
import type { StoredReadings } from "../stores/queries/stored-readings.ts";
import { type Signal, signalName, TAG_SIGNAL } from "../pipeline/signal-kinds.ts";
import { latestFixes, latestFixesUntil } from "../pipeline/latest-fix.ts";
import type { Reading } from "../pipeline/reading.ts";
import type { Quality } from "../signals/signal-rule.ts";
import { positionsFrom } from "../pipeline/vehicle-positions.ts";
import { provenEnd } from "../pipeline/proven-end.ts";
import { currentPresence } from "../pipeline/tag-dwell-end.ts";
import type { ReaderLife } from "../signals/reader-life.ts";
import { loadReadingsExpiredUntil, loadCheckpoints } from "../stores/queries/checkpoints.ts";
import { loadReadingFlags } from "../stores/queries/reading-flags.ts";
import { loadSignalFacts } from "../stores/queries/facts.ts";
import type { DeviceState } from "../stores/encoding/device-state.ts";
import { checkRegistry } from "../stores/writes/registry-version.ts";
import { removeCheckpoints, writeCheckpoints } from "../stores/writes/checkpoints.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";
import { type ReadingFlagRow, writeReadingFlags } from "../stores/writes/reading-flags.ts";
import { replaceVehiclePositions } from "../stores/writes/vehicle-positions.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

/** The stores that a derivation uses. */
export type SignalStores = Pick<Stores, "pool" | "registry" | "deviceStates" | "tagStates" | "mutex">;

export interface Rederivation {
  signal: Signal;
  /** the time of the first new reading, epoch milliseconds; nothing before it changes */
  from: number;
  /** the time of the last new reading: the derivation must not end before it, even if it converges */
  to: number;
  /** ids of the late_windows rows that this completes */
  windows: readonly number[];
  /** whether to mark new facts as late */
  late: boolean;
}

/** The last attempt derives everything while it holds the device, so that no reading can come in between. */
const MAX_ATTEMPTS = 3;

/**
 * Derives a time range of a signal again from stored readings, so that its facts, and all state that follows from them, are
 * exactly those of readings that arrive in the order of measurement:
 *
 * 1. It starts from the last checkpoint before the range (at most an hour of readings), or from the first reading.
 * 2. It ends at the first checkpoint after the range where the rule reaches the recorded state again, or at the newest
 *    reading; then it also replaces the window that the live detection continues from.
 * 3. Geofences and mounts are those of the current registry; the history of mounts is part of it.
 * 4. Facts of days whose readings are deleted (retention.ts) stay as they are.
 *
 * @throws `isVersionConflict` errors when another writer was faster: try again
 * @returns the number of facts that changed
 */
export async function rederive(stores: SignalStores, stored: StoredReadings, work: Rederivation): Promise<number> {
  const { pool } = stores;
  const { signal, to } = work;
  const deletedUntil = (await loadReadingsExpiredUntil(pool, signal)) ?? Number.NEGATIVE_INFINITY;
  if (to <= deletedUntil) {
    await runWrites(pool, work.windows.length > 0 ? [removeLateWindows(work.windows)] : []);
    return 0;
  }
  const from = Math.max(work.from, deletedUntil + 1);
  const registry = await stores.registry.current();
  const { before, later } = await loadCheckpoints(pool, signal, from, to);
  try {
    let stopAt = later;
    for (let attempt = 1; ; attempt += 1) {
      const isLastAttempt = attempt === MAX_ATTEMPTS;
      const derivation = startDerivation({ stored, signal, registry, from: before, later: stopAt });
      if (!isLastAttempt) await derivation.advance(pool);
      if (derivation.convergedAt !== undefined && (await holdsLatestFix(pool, signal, derivation))) {
        // All later fixes are flagged: the latest good one is among these, and stands beside the window of the newest.
        stopAt = [];
        continue;
      }
      if (derivation.convergedAt !== undefined) {
        return await inTransaction(pool, (client) =>
          commitDerivation(client, work, derivation, registry, before, undefined),
        );
      }
      const changed = await stores.mutex.runExclusive(() =>
        inTransaction(pool, async (client) => {
          const [state] = await loadDeviceStates(client, [signal.deviceId], true);
          if (!isLastAttempt && !(await isComplete(client, stored, signal, derivation, before))) return undefined;
          await derivation.advance(client);
          const reachesNewest = derivation.convergedAt === undefined;
          return commitDerivation(client, work, derivation, registry, before, reachesNewest ? state : undefined);
        }).finally(() => {
          // The states were replaced: they are dropped before another worker gets the mutex.
          stores.deviceStates.invalidate([signal.deviceId]);
          stores.tagStates.invalidate(new Set([signal.deviceId]));
        }),
      );
      if (changed !== undefined) return changed;
    }
  } catch (error) {
    stores.registry.invalidate();
    throw error;
  }
}

/** Whether the derivation has processed all stored readings up to its last one: more may have come out of order since. */
async function isComplete(
  client: PoolClient,
  stored: StoredReadings,
  signal: Signal,
  { last, readingCount }: Derivation,
  before: { ts: number; seq: number } | undefined,
): Promise<boolean> {
  if (last === null) return true;
  return (await stored.count(client, signal, before ?? null, last)) === readingCount;
}

/** Commits what changed. With `state` (its row is locked) the derivation reaches the newest reading and replaces the window. */
async function commitDerivation(
  client: PoolClient,
  { signal, windows, late }: Rederivation,
  derivation: Derivation,
  registry: DeviceRegistry,
  before: { ts: number; seq: number } | undefined,
  state: DeviceState | undefined,
): Promise<number> {
  const { deviceId, kind } = signal;
  const [since, until] = [before?.ts ?? null, derivation.convergedAt ?? null];
  const recorded = await loadSignalFacts(client, deviceId, signalName(signal), before ?? null, until);
  const life = kind === "rfid" ? (state ?? (await loadDeviceStates(client, [deviceId]))[0])?.signal.life : undefined;
  const facts = derivation.facts.flatMap((fact) => provenEnd(fact, life, fact.concludedAt) ?? []);
  const end = state && kind === "rfid" ? reportedEnd(signal, derivation, recorded, registry, life) : undefined;
  const changes = factChanges(recorded, [...facts, ...(end?.reported ?? [])], late);
  const decision = await decide(client, changes, registry.places);
  const { writes, stockIds } = decision;
  const kept = derivation.checkpoints.map(({ ts }) => ts);
  const fixes = kind === "gps" ? (derivation.qualities as Parameters<typeof positionsFrom>[0]) : [];
  const positions = positionsFrom(fixes, registry.devices.get(deviceId));
  const recordedFlags = kind === "gps" ? await loadReadingFlags(client, deviceId, kind, since, until) : [];
  const flags = kind === "gps" ? flagsThatChange(recordedFlags, derivation) : [];
  const all: Write[] = [
    checkRegistry(registry, { deviceIds: [deviceId], stockIds }),
    ...writes,
    removeCheckpoints(signal, since, until, kept),
  ];
  if (kept.length > 0) all.push(writeCheckpoints(derivation.checkpoints.map((row) => ({ ...signal, ...row }))));
  if (flags.length > 0) all.push(writeReadingFlags(flags));
  if (windows.length > 0) all.push(removeLateWindows(windows));
  if (state) {
    const latest = kind === "gps" ? latestOf(state, since, derivation, recordedFlags) : state.latest;
    all.push(...writeSignal({ ...state, latest }, signal, derivation.signalState, end?.reported.length === 1));
  }
  if (end?.reported.length === 0)
    all.push(writeTimers("tag-presence", [{ subject: dwellSubject(signal), at: IMMEDIATELY }]));
  if (positions.length > 0) all.push(replaceVehiclePositions(positions, until), fireTimersOfVehicles(positions, []));
  all.push(
    notifyChanges({
      ...noticeOf(decision),
      ...(positions.length > 0 && { positions: positions.map(({ vehicleId }) => vehicleId) }),
    }),
  );
  await runWrites(client, all);
  return changes.added.length + changes.withdrawn.length;
}

/** The device's latest readings, with the latest fixes as derived again after `since` (epoch milliseconds; null: all). */
function latestOf(
  { latest }: DeviceState,
  since: number | null,
  { qualities }: Derivation,
  flags: readonly ReadingFlagRow[],
): DeviceState["latest"] {
  const { gps, gps_flagged: flagged, ...otherKinds } = latest;
  const before = latestFixesUntil({ ...(gps && { gps }), ...(flagged && { gps_flagged: flagged }) }, since);
  const corrected = new Set(flags.filter((flag) => flag.timeCorrected).map(({ ts, seq }) => `${ts} ${seq}`));
  const fixes = qualities as { reading: Reading<"gps">; quality: Quality }[];
  const marked = fixes.map(({ reading, quality }) => ({
    reading: corrected.has(`${reading.ts} ${reading.seq}`) ? { ...reading, timeCorrected: true as const } : reading,
    quality,
  }));
  return { ...otherKinds, ...latestFixes(before, marked) };
}

/** Whether the derivation holds a good fix that is newer than the device's latest one. */
async function holdsLatestFix(
  pool: Stores["pool"],
  { deviceId, kind }: Signal,
  derivation: Derivation,
): Promise<boolean> {
  if (kind !== "gps") return false;
  const { gps } = latestFixes({}, derivation.qualities as Parameters<typeof latestFixes>[1]);
  if (gps === undefined) return false;
  const [state] = await loadDeviceStates(pool, [deviceId]);
  return (state?.latest.gps?.ts ?? Number.NEGATIVE_INFINITY) < gps.ts;
}

/** A timer in the past fires at the next tick of any timer worker. */
const IMMEDIATELY = 0;

/** The end of the tag's last dwell if it has been reported, with its current content; empty when it has not. */
function reportedEnd(
  signal: Signal,
  { signalState }: Derivation,
  recorded: readonly NewFact[],
  registry: DeviceRegistry,
  life: ReaderLife | undefined,
): { reported: NewFact[] } | undefined {
  const context = TAG_SIGNAL.contextOf(signal, registry);
  const end = dwellEndFact(currentPresence(signalState as TagState["signalState"], context), context);
  if (end === undefined) return undefined;
  const isKnown = recorded.some(({ key }) => key === end.key);
  const proven = isKnown ? provenEnd(end, life) : undefined;
  return { reported: proven === undefined ? [] : [{ ...proven, signal: signalName(signal) }] };
}

/** The facts to add and withdraw so that the recorded facts become the derived ones. */
export function factChanges(recorded: readonly NewFact[], derived: readonly NewFact[], late: boolean) {
  const before = new Map(recorded.map((fact) => [fact.key, fact]));
  const after = new Set(derived.map(({ key }) => key));
  return {
    added: derived.filter((fact) => !isSame(before.get(fact.key), fact)).map((fact) => ({ ...fact, late })),
    withdrawn: recorded.filter(({ key }) => !after.has(key)).map(({ key, subject, at }) => ({ key, subject, at })),
  };
}

function isSame(recorded: NewFact | undefined, derived: NewFact): boolean {
  if (recorded === undefined) return false;
  // Postgres stores a confidence as a four-byte float.
  const content = ({ subject, at, type, data, rule, evidence, confidence, concludedAt }: NewFact): unknown =>
    JSON.parse(
      JSON.stringify({ subject, at, type, data, rule, evidence, confidence: Math.fround(confidence), concludedAt }),
    );
  return isDeepStrictEqual(content(recorded), content(derived));
}

function flagsThatChange(recorded: readonly ReadingFlagRow[], { qualities }: Derivation): ReadingFlagRow[] {
  const before = new Map(recorded.map((row) => [`${row.ts} ${row.seq}`, row.quality]));
  return qualities.flatMap(({ reading: { deviceId, kind, ts, seq }, quality }) =>
    quality === (before.get(`${ts} ${seq}`) ?? "ok") ? [] : [{ deviceId, ts, seq, kind, quality, late: false }],
  );
}
