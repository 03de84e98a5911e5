import { isDeepStrictEqual } from "node:util";
import type { PoolClient } from "pg";
import type { Stores } from "../pipeline/process-batch.ts";
import { decide } from "../decisions/decide.ts";
import { startDerivation, type Derivation } from "./signal-derivation.ts";
import type { NewFact } from "../domain/fact.ts";
import { inTransaction } from "../decisions/record-facts.ts";
import { dwellEndFact } from "../signals/tag-dwell.ts";
import { loadGoneUntil } from "../stores/queries/expired-days.ts";
import { loadCheckpoints, loadFlags, loadSignalFacts } from "../stores/queries/derived.ts";
import { type DeviceState, readDeviceStates } from "../stores/caches/device-states.ts";
import { dwellSubject } from "../stores/queries/tag-timeouts.ts";
import { sameRegistry } from "../stores/writes/cursor.ts";
import { writeTimers } from "../stores/writes/timers.ts";
import { removeCheckpoints, removeLateWindows, writeCheckpoints } from "../stores/writes/late.ts";
import { notify } from "../stores/writes/messages.ts";
import { type FlagRow, writeFlags } from "../stores/writes/readings.ts";
import { replacePositions, writeSignal } from "../stores/writes/signal.ts";
import { type Part, runParts } from "../stores/statement.ts";
import type { TagState } from "../stores/caches/tag-states.ts";
import type { Registry } from "../stores/caches/device-registry.ts";
import type { StoredReadings } from "../stores/queries/stored-readings.ts";
import { type Signal, signalName, TAG_SIGNAL } from "../pipeline/signal-kinds.ts";
import { positionsFrom } from "../pipeline/vehicle-positions.ts";
import { currentPresence } from "../pipeline/tag-dwell-end.ts";

/** What deriving again needs of what a batch is folded from. */
export type SignalStores = Pick<Stores, "pool" | "registry" | "deviceStates" | "tagStates" | "mutex">;

export interface Rederivation {
  signal: Signal;
  /** the stretch whose readings are new, epoch milliseconds; before `from` nothing changes */
  from: number;
  /** deriving may stop where the rule comes to know what it knew, once past this */
  to: number;
  /** rows of late_windows this settles */
  windows: readonly number[];
  /** whether facts that are new with this came too late to act at once */
  late: boolean;
}

/** So often readings may come in between before the device is held still for the whole of it. */
const MAX_ATTEMPTS = 3;

/**
 * Derives a stretch of a signal again from stored readings, and makes its facts, and all state that follows, exactly what
 * reading in the order of measurement would have made them. It starts from what the rule knew at the last checkpoint
 * before (at most an hour of readings; from the device's first where there is none) and ends at the first checkpoint where
 * the rule knows what it knew, or at the newest reading; then the device's window is replaced too. Fences and mounts are
 * taken as they are now: their own history is that of the mounts. What was measured when the readings around it are gone
 * (retention.ts) stays as it is.
 * @throws `isStale` errors when another writer was faster: try again
 * @returns the facts that changed
 */
export async function rederive(stores: SignalStores, stored: StoredReadings, work: Rederivation): Promise<number> {
  const { pool } = stores;
  const { signal, to } = work;
  const goneUntil = (await loadGoneUntil(pool, signal)) ?? Number.NEGATIVE_INFINITY;
  if (to <= goneUntil) {
    await runParts(pool, work.windows.length > 0 ? [removeLateWindows(work.windows)] : []);
    return 0;
  }
  const from = Math.max(work.from, goneUntil + 1);
  const registry = await stores.registry.current();
  const { before, later } = await loadCheckpoints(pool, signal, from, to);
  const begin = () => startDerivation({ stored, signal, registry, from: before, later });
  try {
    for (let attempt = 1; ; attempt += 1) {
      const derivation = begin();
      if (attempt < MAX_ATTEMPTS) await derivation.advance(pool);
      if (derivation.convergedAt !== undefined) {
        return await inTransaction(pool, (client) =>
          commitDerivation(client, work, derivation, registry, before?.ts, undefined),
        );
      }
      const changed = await stores.mutex.runExclusive(() =>
        inTransaction(pool, async (client) => {
          const [state] = await readDeviceStates(client, [signal.deviceId], true);
          const fresh = attempt < MAX_ATTEMPTS && (await isComplete(client, stored, signal, derivation, before));
          const last = attempt < MAX_ATTEMPTS ? derivation : begin();
          if (attempt < MAX_ATTEMPTS && !fresh) return undefined;
          await last.advance(client);
          return commitDerivation(
            client,
            work,
            last,
            registry,
            before?.ts,
            last.convergedAt === undefined ? state : undefined,
          );
        }).finally(() => invalidate(stores, signal)),
      );
      if (changed !== undefined) return changed;
    }
  } catch (error) {
    stores.registry.stale();
    throw error;
  }
}

/** Before anybody else's turn: what is remembered of the device has been replaced. */
function invalidate(stores: SignalStores, { deviceId }: Signal): void {
  stores.deviceStates.forget([deviceId]);
  stores.tagStates.forget(new Set([deviceId]));
}

/** Whether every stored reading up to where the derivation stands is in it: others may have come out of order since. */
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

/** Commits what changed; with `state` (held) the derivation reaches the newest reading, and the window is replaced. */
async function commitDerivation(
  client: PoolClient,
  { signal, windows, late }: Rederivation,
  derivation: Derivation,
  registry: Registry,
  after: number | undefined,
  state: DeviceState | undefined,
): Promise<number> {
  const { deviceId, kind } = signal;
  const [since, until] = [after ?? null, derivation.convergedAt ?? null];
  const recorded = await loadSignalFacts(client, deviceId, signalName(signal), since, until);
  const end = state && kind === "rfid" ? reportedEnd(signal, derivation, recorded, registry) : undefined;
  const changes = factChanges(recorded, [...derivation.facts, ...(end?.reported ?? [])], late);
  const { parts, shipmentIds, stockIds } = await decide(client, changes, registry.places);
  const kept = derivation.checkpoints.map(({ ts }) => ts);
  const fixes = kind === "gps" ? (derivation.qualities as Parameters<typeof positionsFrom>[0]) : [];
  const positions = positionsFrom(fixes, registry.devices.get(deviceId));
  const flags =
    kind === "gps" ? flagsThatChange(await loadFlags(client, deviceId, kind, since, until), derivation) : [];
  const all: Part[] = [sameRegistry(registry.version), ...parts, removeCheckpoints(signal, since, until, kept)];
  if (kept.length > 0) all.push(writeCheckpoints(derivation.checkpoints.map((row) => ({ ...signal, ...row }))));
  if (flags.length > 0) all.push(writeFlags(flags));
  if (windows.length > 0) all.push(removeLateWindows(windows));
  if (state) all.push(...writeSignal(state, signal, derivation.signalState, end?.reported.length === 1));
  if (end?.reported.length === 0)
    all.push(writeTimers("tag-presence", [{ subject: dwellSubject(signal), at: IMMEDIATELY }]));
  if (positions.length > 0) all.push(replacePositions(positions, until));
  all.push(
    notify({
      ...(shipmentIds.length > 0 && { shipments: shipmentIds }),
      ...(stockIds.length > 0 && { stock: stockIds }),
      ...(positions.length > 0 && { positions: positions.map(({ vehicleId }) => vehicleId) }),
    }),
  );
  await runParts(client, all);
  return changes.added.length + changes.withdrawn.length;
}

/** To be looked at by whoever looks next. */
const IMMEDIATELY = 0;

/** The end of a tag's last visit, if the clock has made one known: then it stays known, in the words that hold now. */
function reportedEnd(
  signal: Signal,
  { signalState }: Derivation,
  recorded: readonly NewFact[],
  registry: Registry,
): { reported: NewFact[] } | undefined {
  const context = TAG_SIGNAL.contextOf(signal, registry);
  const end = dwellEndFact(currentPresence(signalState as TagState["signalState"], context), context);
  if (end === undefined) return undefined;
  const isKnown = recorded.some(({ key }) => key === end.key);
  return { reported: isKnown ? [{ ...end, signal: signalName(signal), concludedAt: end.at }] : [] };
}

/** What must be added and withdrawn so that the recorded facts become the derived ones. */
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
  // Postgres keeps a confidence as a four-byte float.
  const words = ({ subject, at, type, data, rule, evidence, confidence, concludedAt }: NewFact): unknown =>
    JSON.parse(
      JSON.stringify({ subject, at, type, data, rule, evidence, confidence: Math.fround(confidence), concludedAt }),
    );
  return isDeepStrictEqual(words(recorded), words(derived));
}

function flagsThatChange(recorded: readonly FlagRow[], { qualities }: Derivation): FlagRow[] {
  const before = new Map(recorded.map((row) => [`${row.ts} ${row.seq}`, row.quality]));
  return qualities.flatMap(({ reading: { deviceId, kind, ts, seq }, quality }) =>
    quality === (before.get(`${ts} ${seq}`) ?? "ok") ? [] : [{ deviceId, ts, seq, kind, quality, late: false }],
  );
}
