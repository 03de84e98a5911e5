import { decide } from "../decisions/decide.ts";
import type { NewFact } from "../domain/fact.ts";
import { inTransaction } from "../decisions/record-facts.ts";
import { dwellEndFact } from "../signals/tag-dwell.ts";
import type { Stores } from "../pipeline/process-batch.ts";
import type { DeviceState } from "../stores/caches/device-states.ts";
import { claimDueDwells, type DueDwell, dwellSubject } from "../stores/queries/tag-timeouts.ts";
import { sameRegistry } from "../stores/writes/cursor.ts";
import { touchDevices, writeTags } from "../stores/writes/devices.ts";
import { type TimerRow, postponeTimers, removeTimers } from "../stores/writes/timers.ts";
import { notify } from "../stores/writes/messages.ts";
import type { Registry } from "../stores/caches/device-registry.ts";
import { type Part, runParts, conflictOf } from "../stores/statement.ts";
import { tagRow, type TagState } from "../stores/caches/tag-states.ts";
import { signalName, TAG_SIGNAL } from "../pipeline/signal-kinds.ts";
import { currentPresence } from "../pipeline/tag-dwell-end.ts";

const BATCH_SIZE = 500;
/** How often a dwell is looked at whose reader is away, milliseconds. */
const READER_AWAY_RETRY_MS = 10_000;

/** What looking at dwells has come to. */
interface Outcome {
  /** ends that hold now, with the tags as they are known after that */
  ended: { fact: NewFact; tag: TagState; device: DeviceState }[];
  later: TimerRow[];
  /** nothing to wait for any more */
  done: string[];
}

/**
 * Makes known what no reading will tell: that a tag is not there any more. The fact and its time are the rule's, taken
 * from readings; the clock only decides when to say it, and does so by how far the reader has come: its newest reading,
 * and the time since. A read that comes after all takes it back in the statement that stores it (dwell-ends.ts).
 * @param now everything received up to then has been detections, epoch milliseconds
 * @returns whether there was anything to look at
 */
export async function endDwells(stores: Stores, now: number): Promise<boolean> {
  let commitCaches = (): void => undefined;
  const worked = await inTransaction(stores.pool, async (client) => {
    const dwells = await claimDueDwells(client, now, BATCH_SIZE);
    if (dwells.length === 0) return false;
    const registry = await stores.registry.current();
    const outcome = await assessDwells(stores, dwells, registry, now);
    const { shipmentIds, stockIds, parts } = await decide(
      client,
      { added: outcome.ended.map(({ fact }) => fact), withdrawn: [] },
      registry.places,
    );
    const devices = [...new Set(outcome.ended.map(({ device }) => device))].map(nextVersion);
    const tags = outcome.ended.map(({ tag }) => tag);
    try {
      const told = [sameRegistry(registry.version), touchDevices(devices), writeTags(tags.map(tagRow)), ...parts];
      const notice = notify({
        ...(shipmentIds.length > 0 && { shipments: shipmentIds }),
        ...(stockIds.length > 0 && { stock: stockIds }),
      });
      await runParts(client, [...partsOf(outcome), ...(tags.length > 0 ? [...told, notice] : [])]);
    } catch (error) {
      if (conflictOf(error) !== "subject") {
        stores.registry.stale();
        invalidate(stores, dwells);
      }
      throw error;
    }
    commitCaches = () => {
      stores.deviceStates.keep(devices);
      stores.tagStates.keep(tags);
    };
    return true;
  });
  commitCaches();
  return worked;
}

async function assessDwells(
  stores: Stores,
  dwells: readonly DueDwell[],
  registry: Registry,
  now: number,
): Promise<Outcome> {
  const registered = dwells.filter(({ deviceId }) => registry.devices.has(deviceId));
  // Another node may have read the tag since: what is remembered here would then be no ground to look no more.
  const remembered = await stores.deviceStates.load(new Set(registered.map(({ deviceId }) => deviceId)));
  const outdated = registered.filter(({ deviceId, version }) => remembered.get(deviceId)?.version !== version);
  if (outdated.length > 0) invalidate(stores, outdated);
  const devices = await stores.deviceStates.load(remembered.keys());
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
  stores.deviceStates.forget(ids);
  stores.tagStates.forget(ids);
  stores.identities.forget(ids);
}

function assessDwell(
  outcome: Outcome,
  dwell: DueDwell,
  tag: TagState,
  device: DeviceState,
  registry: Registry,
  now: number,
): void {
  const signal = { deviceId: tag.deviceId, kind: "rfid", epc: tag.epc } as const;
  const subject = dwellSubject(tag);
  const context = TAG_SIGNAL.contextOf(signal, registry);
  const current = currentPresence(tag.signalState, context);
  const end = dwellEndFact(current, context);
  const reached = (device.newestTs ?? 0) + Math.max(0, now - dwell.lastReceivedAt);
  if (end === undefined) outcome.done.push(subject);
  else if (reached < end.at) outcome.later.push({ subject, at: now + end.at - reached });
  // Away, but it was still reading when the silence had become too long: then the tag was not there to be read.
  else if (dwell.isAway && (device.newestTs ?? 0) < end.at)
    outcome.later.push({ subject, at: now + READER_AWAY_RETRY_MS });
  else {
    const fact = { ...end, signal: signalName(signal), concludedAt: end.at };
    const signalState = { ...tag.signalState, current };
    outcome.ended.push({ fact, tag: { ...tag, signalState, endReported: true }, device });
    outcome.done.push(subject);
  }
}

function nextVersion(device: DeviceState): DeviceState {
  return { ...device, version: device.version + 1 };
}

function partsOf({ later, done }: Outcome): Part[] {
  return [
    ...(later.length > 0 ? [postponeTimers("tag-presence", later)] : []),
    ...(done.length > 0 ? [removeTimers("tag-presence", done)] : []),
  ];
}
