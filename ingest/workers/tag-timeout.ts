import type { PoolClient } from "pg";
import { decide, noticeOf } from "../decisions/decide.ts";
import type { NewFact } from "../domain/fact.ts";
import { inTransaction } from "../decisions/record-facts.ts";
import { type DwellEndFact, dwellEndFact } from "../signals/tag-dwell.ts";
import type { Stores } from "../pipeline/process-batch.ts";
import type { NodeTime } from "../stores/queries/ingest-nodes.ts";
import { claimDueDwells, type DueDwell, dwellSubject, loadVehicleTimes } from "../stores/queries/tag-timeouts.ts";
import { incrementDeviceVersions, writeTagStates } from "../stores/writes/device-states.ts";
import { type TimerRow, postponeTimers, removeTimers, type VehicleTime } from "../stores/writes/timers.ts";
import { type Write, runWrites, conflictOf } from "../stores/statement.ts";
import { tagStateRow, type TagState } from "../stores/caches/tag-states.ts";
import { signalName, TAG_SIGNAL } from "../pipeline/signal-kinds.ts";
import { isAbsence, provenEnd } from "../pipeline/proven-end.ts";
import { currentPresence, dwellWaitMs } from "../pipeline/tag-dwell-end.ts";
import type { ReceiptClock } from "./receipt-clock.ts";
import { absenceOf, UNKNOWN_LIFE } from "../signals/reader-life.ts";
import type { DeviceState } from "../stores/encoding/device-state.ts";
import { checkRegistry } from "../stores/writes/registry-version.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

const BATCH_SIZE = 500;
/** How often to check a dwell while its reader is away or silent: a tenth of its silence, within these, milliseconds. */
const READER_AWAY_RETRY_MS = 10_000;
const MAX_RETRY_MS = 60_000;
/**
 * The clocks of a reader and of its vehicle's trackers may differ by this much, milliseconds. An end that was taken back shows
 * that they are further apart: from then on by 8 times as much. After 5 of them only the time since the last read counts.
 */
const CLOCKS_MS = 60_000;
const CLOCKS_FACTOR = 8;
const MAX_TAKEN_BACK = 5;

/** The result of checking dwells whose timer has fired. */
interface Outcome {
  /** dwells that have ended, with the states of their tags after that */
  ended: { fact: NewFact; tag: TagState; device: DeviceState }[];
  later: TimerRow[];
  /** timers that are not needed any more */
  done: string[];
}

/** A dwell whose timer has fired, with the fact that ends it if no further read has come. */
interface PendingDwell {
  dwell: DueDwell;
  tag: TagState;
  device: DeviceState;
  end: DwellEndFact;
}

/**
 * Ends the dwells of tags that are no longer read. The signal rule gives the fact and its time, from readings; the timer
 * only decides when to publish it. The deadline is compared with how far the reader is: its newest reading plus the time
 * since its receipt, by the time of the node that heard it. A reader on a vehicle is also as far as the vehicle, which its
 * trackers tell: nothing else has to prove that it was at work. That a tag is gone from a place needs a reader that proves
 * itself: a silent one misses every tag (signals/reader-life.ts). A read that arrives later withdraws the fact in the
 * statement that stores it (tag-dwell-end.ts).
 * @returns whether any timer had fired
 */
export async function endDwells(stores: Stores, node: NodeTime, clock: ReceiptClock): Promise<boolean> {
  let commitCaches = (): void => undefined;
  const didWork = await inTransaction(stores.pool, async (client) => {
    const dwells = await claimDueDwells(client, node, BATCH_SIZE);
    if (dwells.length === 0) return false;
    const registry = await stores.registry.current();
    const outcome = await assessDwells(client, stores, dwells, registry, clock);
    const decision = await decide(
      client,
      { added: outcome.ended.map(({ fact }) => fact), withdrawn: [] },
      registry.places,
    );
    const { stockIds, writes } = decision;
    const devices = [...new Set(outcome.ended.map(({ device }) => device))].map(nextVersion);
    const tags = outcome.ended.map(({ tag }) => tag);
    try {
      const endParts = [
        checkRegistry(registry, { deviceIds: dwells.map(({ deviceId }) => deviceId), stockIds }),
        incrementDeviceVersions(devices),
        writeTagStates(tags.map(tagStateRow)),
        ...writes,
      ];
      const notice = notifyChanges(noticeOf(decision));
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
  client: PoolClient,
  stores: Stores,
  dwells: readonly DueDwell[],
  registry: DeviceRegistry,
  clock: ReceiptClock,
): Promise<Outcome> {
  const registered = dwells.filter(({ deviceId }) => registry.devices.has(deviceId));
  // Another node may have committed newer reads: a cached state of another version must not end a dwell.
  const cached = await stores.deviceStates.load(new Set(registered.map(({ deviceId }) => deviceId)));
  const outdated = registered.filter(({ deviceId, version }) => cached.get(deviceId)?.version !== version);
  if (outdated.length > 0) invalidate(stores, outdated);
  const devices = await stores.deviceStates.load(cached.keys());
  const tags = await stores.tagStates.load(registered);
  const outcome: Outcome = { ended: [], later: [], done: [] };
  const pending = dwells.flatMap((dwell): PendingDwell[] => {
    const device = devices.get(dwell.deviceId);
    const tag = tags.get(dwellSubject(dwell));
    const end = tag === undefined || tag.endReported ? undefined : endOf(tag, registry);
    if (device !== undefined && tag !== undefined && end !== undefined) return [{ dwell, tag, device, end }];
    outcome.done.push(dwellSubject(dwell));
    return [];
  });
  const vehicleTimes = await loadVehicleTimes(client, [...new Set(pending.flatMap((each) => vehicleOf(each) ?? []))]);
  for (const each of pending) {
    if (isAbsence(each.end) && each.device.signal.life) assessAbsence(outcome, each, each.end, clock);
    else assessDwell(outcome, each, vehicleTimes, clock);
  }
  return outcome;
}

function endOf(tag: TagState, registry: DeviceRegistry): DwellEndFact | undefined {
  const context = TAG_SIGNAL.contextOf({ deviceId: tag.deviceId, kind: "rfid", epc: tag.epc }, registry);
  return dwellEndFact(currentPresence(tag.signalState, context), context);
}

/** The vehicle that the reader was on. */
function vehicleOf({ end: { data } }: PendingDwell): number | undefined {
  return "vehicleId" in data && typeof data.vehicleId === "number" ? data.vehicleId : undefined;
}

function invalidate(stores: Stores, dwells: readonly DueDwell[]): void {
  const ids = new Set(dwells.map(({ deviceId }) => deviceId));
  stores.deviceStates.invalidate(ids);
  stores.tagStates.invalidate(ids);
  stores.identities.invalidate(ids);
}

function assessDwell(
  outcome: Outcome,
  pending: PendingDwell,
  vehicleTimes: ReadonlyMap<number, number>,
  clock: ReceiptClock,
): void {
  const { dwell, tag, device, end } = pending;
  const subject = dwellSubject(tag);
  const vehicle = vehicleToWaitFor(pending);
  const hasGoneOn = vehicle !== undefined && (vehicleTimes.get(vehicle.vehicleId) ?? 0) >= vehicle.ts;
  const newestTs = device.newestTs ?? 0;
  const { lastReceivedAt } = dwell;
  const waitMs =
    dwellWaitMs({ endsAt: end.concludedAt, isPass: isPass(end) }, { newestTs, lastReceivedAt }) -
    clock.elapsedMs(lastReceivedAt, dwell.reached);
  if (waitMs > 0 && !hasGoneOn) outcome.later.push({ subject, at: dwell.reached + waitMs, vehicle });
  // An absent reader cannot miss a tag, unless it still read other tags after the deadline.
  else if (dwell.isAway && newestTs < end.concludedAt)
    outcome.later.push({ subject, at: dwell.reached + READER_AWAY_RETRY_MS });
  else addEnd(outcome, end, tag, device);
}

const isPass = ({ data }: DwellEndFact): boolean => "portal" in data && data.portal;

/** When the vehicle shows that the tag would have been read again by now. */
function vehicleToWaitFor(pending: PendingDwell): VehicleTime | undefined {
  const vehicleId = vehicleOf(pending);
  const { end, tag } = pending;
  if (vehicleId === undefined || tag.endsTakenBack >= MAX_TAKEN_BACK) return undefined;
  return { vehicleId, ts: end.concludedAt + CLOCKS_MS * CLOCKS_FACTOR ** tag.endsTakenBack };
}

/** A silent reader's heartbeats do not count as progress of its readings: they are measured by its newest read alone. */
function assessAbsence(
  outcome: Outcome,
  { dwell, tag, device }: PendingDwell,
  end: NewFact & { type: "gone" },
  clock: ReceiptClock,
): void {
  const subject = dwellSubject(tag);
  const { signal, latest, newestTs } = device;
  const { reached: now } = dwell;
  const newest = latest.rfid ?? { ts: newestTs ?? 0, received_at: now };
  const silentMs = clock.elapsedMs(newest.received_at, now);
  const reached = newest.ts + silentMs;
  const life = signal.life ?? UNKNOWN_LIFE;
  const absence = absenceOf(life, end.data.last, end.at - end.data.last);
  const fact = provenEnd(end, life);
  if (absence === undefined || fact === undefined) {
    const retryMs = Math.min(MAX_RETRY_MS, Math.max(READER_AWAY_RETRY_MS, silentMs / 10));
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
