import { decide } from "../decisions/decide.ts";
import type { NewFact } from "../domain/fact.ts";
import { inTransaction } from "../decisions/record-facts.ts";
import { dwellEndFact } from "../signals/tag-dwell.ts";
import type { Stores } from "../pipeline/process-batch.ts";
import { claimDueDwells, type DueDwell, dwellSubject } from "../stores/queries/tag-timeouts.ts";
import { incrementDeviceVersions, writeTagStates } from "../stores/writes/device-states.ts";
import { type TimerRow, postponeTimers, removeTimers } from "../stores/writes/timers.ts";
import { type Write, runWrites, conflictOf } from "../stores/statement.ts";
import { tagStateRow, type TagState } from "../stores/caches/tag-states.ts";
import { signalName, TAG_SIGNAL } from "../pipeline/signal-kinds.ts";
import { isAbsence, provenEnd } from "../pipeline/proven-end.ts";
import { currentPresence } from "../pipeline/tag-dwell-end.ts";
import { absenceOf, UNKNOWN_LIFE } from "../signals/reader-life.ts";
import type { DeviceState } from "../stores/encoding/device-state.ts";
import { checkRegistryVersion } from "../stores/writes/registry-version.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

const BATCH_SIZE = 500;
/** How often to check a dwell while its reader is away or silent: a tenth of its silence, within these, milliseconds. */
const READER_AWAY_RETRY_MS = 10_000;
const MAX_RETRY_MS = 60_000;

/** The result of checking dwells whose timer has fired. */
interface Outcome {
  /** dwells that have ended, with the states of their tags after that */
  ended: { fact: NewFact; tag: TagState; device: DeviceState }[];
  later: TimerRow[];
  /** timers that are not needed any more */
  done: string[];
}

/**
 * Ends the dwells of tags that are no longer read. The signal rule gives the fact and its time, from readings; the timer
 * only decides when to publish it. The deadline is compared with how far the reader is: its newest reading plus the time
 * since its receipt. That a tag is gone also needs a reader that proves itself: a silent one misses every tag
 * (signals/reader-life.ts). A read that arrives later withdraws the fact in the statement that stores it (tag-dwell-end.ts).
 * @param now everything received up to then is committed, epoch milliseconds
 * @returns whether any timer had fired
 */
export async function endDwells(stores: Stores, now: number): Promise<boolean> {
  let commitCaches = (): void => undefined;
  const didWork = await inTransaction(stores.pool, async (client) => {
    const dwells = await claimDueDwells(client, now, BATCH_SIZE);
    if (dwells.length === 0) return false;
    const registry = await stores.registry.current();
    const outcome = await assessDwells(stores, dwells, registry, now);
    const { shipmentIds, stockIds, writes } = await decide(
      client,
      { added: outcome.ended.map(({ fact }) => fact), withdrawn: [] },
      registry.places,
    );
    const devices = [...new Set(outcome.ended.map(({ device }) => device))].map(nextVersion);
    const tags = outcome.ended.map(({ tag }) => tag);
    try {
      const endParts = [
        checkRegistryVersion(registry.version),
        incrementDeviceVersions(devices),
        writeTagStates(tags.map(tagStateRow)),
        ...writes,
      ];
      const notice = notifyChanges({
        ...(shipmentIds.length > 0 && { shipments: shipmentIds }),
        ...(stockIds.length > 0 && { stock: stockIds }),
      });
      await runWrites(client, [...writesOf(outcome), ...(tags.length > 0 ? [...endParts, notice] : [])]);
    } catch (error) {
      if (conflictOf(error) !== "subject") {
        stores.registry.invalidate();
        invalidate(stores, dwells);
      }
      throw error;
    }
    commitCaches = () => {
      stores.deviceStates.commit(devices);
      stores.tagStates.commit(tags);
    };
    return true;
  });
  commitCaches();
  return didWork;
}

async function assessDwells(
  stores: Stores,
  dwells: readonly DueDwell[],
  registry: DeviceRegistry,
  now: number,
): Promise<Outcome> {
  const registered = dwells.filter(({ deviceId }) => registry.devices.has(deviceId));
  // Another node may have committed newer reads: a cached state of another version must not end a dwell.
  const cached = await stores.deviceStates.load(new Set(registered.map(({ deviceId }) => deviceId)));
  const outdated = registered.filter(({ deviceId, version }) => cached.get(deviceId)?.version !== version);
  if (outdated.length > 0) invalidate(stores, outdated);
  const devices = await stores.deviceStates.load(cached.keys());
  const tags = await stores.tagStates.load(registered);
  const outcome: Outcome = { ended: [], later: [], done: [] };
  for (const dwell of dwells) {
    const device = devices.get(dwell.deviceId);
    const tag = tags.get(dwellSubject(dwell));
    if (device === undefined || tag === undefined || tag.endReported) outcome.done.push(dwellSubject(dwell));
    else assessDwell(outcome, dwell, tag, device, registry, now);
  }
  return outcome;
}

function invalidate(stores: Stores, dwells: readonly DueDwell[]): void {
  const ids = new Set(dwells.map(({ deviceId }) => deviceId));
  stores.deviceStates.invalidate(ids);
  stores.tagStates.invalidate(ids);
  stores.identities.invalidate(ids);
}

function assessDwell(
  outcome: Outcome,
  dwell: DueDwell,
  tag: TagState,
  device: DeviceState,
  registry: DeviceRegistry,
  now: number,
): void {
  const signal = { deviceId: tag.deviceId, kind: "rfid", epc: tag.epc } as const;
  const subject = dwellSubject(tag);
  const context = TAG_SIGNAL.contextOf(signal, registry);
  const current = currentPresence(tag.signalState, context);
  const end = dwellEndFact(current, context);
  if (end !== undefined && isAbsence(end) && device.signal.life) return assessAbsence(outcome, end, tag, device, now);
  const reached = (device.newestTs ?? 0) + Math.max(0, now - dwell.lastReceivedAt);
  if (end === undefined) outcome.done.push(subject);
  else if (reached < end.concludedAt) outcome.later.push({ subject, at: now + end.concludedAt - reached });
  // An absent reader cannot miss a tag, unless it still read other tags after the deadline.
  else if (dwell.isAway && (device.newestTs ?? 0) < end.concludedAt)
    outcome.later.push({ subject, at: now + READER_AWAY_RETRY_MS });
  else addEnd(outcome, end, tag, device);
}

/** A silent reader's heartbeats do not count as progress of its readings: they are measured by its newest read alone. */
function assessAbsence(
  outcome: Outcome,
  end: NewFact & { type: "gone" },
  tag: TagState,
  device: DeviceState,
  now: number,
): void {
  const subject = dwellSubject(tag);
  const { signal, latest, newestTs } = device;
  const newest = latest.rfid ?? { ts: newestTs ?? 0, received_at: now };
  const reached = newest.ts + Math.max(0, now - newest.received_at);
  const life = signal.life ?? UNKNOWN_LIFE;
  const absence = absenceOf(life, end.data.last, end.at - end.data.last);
  const fact = provenEnd(end, life);
  if (absence === undefined || fact === undefined) {
    const retryMs = Math.min(MAX_RETRY_MS, Math.max(READER_AWAY_RETRY_MS, (now - newest.received_at) / 10));
    outcome.later.push({ subject, at: now + retryMs });
  } else if (reached < absence.provenAt) outcome.later.push({ subject, at: now + absence.provenAt - reached });
  else addEnd(outcome, fact, tag, device);
}

function addEnd(outcome: Outcome, end: NewFact, tag: TagState, device: DeviceState): void {
  const signal = { deviceId: tag.deviceId, kind: "rfid", epc: tag.epc } as const;
  outcome.ended.push({ fact: { ...end, signal: signalName(signal) }, tag: { ...tag, endReported: true }, device });
  outcome.done.push(dwellSubject(tag));
}

function nextVersion(device: DeviceState): DeviceState {
  return { ...device, version: device.version + 1 };
}

function writesOf({ later, done }: Outcome): Write[] {
  return [
    ...(later.length > 0 ? [postponeTimers("tag-presence", later)] : []),
    ...(done.length > 0 ? [removeTimers("tag-presence", done)] : []),
  ];
}
