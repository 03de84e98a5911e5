import { decide } from "../decisions/decide.ts";
import type { NewFact } from "../domain/fact.ts";
import { inTransaction } from "../decisions/record-facts.ts";
import { dwellEndFact } from "../signals/tag-dwell.ts";
import type { Stores } from "../pipeline/process-batch.ts";
import type { DeviceState } from "../stores/caches/device-states.ts";
import { claimDueVisits, type DueVisit, visitSubject } from "../stores/queries/tag-timeouts.ts";
import { sameRegistry } from "../stores/writes/cursor.ts";
import { touchDevices, writeTags } from "../stores/writes/devices.ts";
import { type DueRow, postponeDue, removeDue } from "../stores/writes/timers.ts";
import { notify } from "../stores/writes/messages.ts";
import type { Registry } from "../stores/caches/device-registry.ts";
import { type Part, runParts, staleThing } from "../stores/statement.ts";
import { tagRow, type TagState } from "../stores/caches/tag-states.ts";
import { signalName, TAG_TRACK } from "../pipeline/signal-kinds.ts";
import { presenceOf } from "../pipeline/tag-dwell-end.ts";

const AT_ONCE = 500;
/** How often a visit is looked at whose reader is away, milliseconds. */
const AWAY_LOOK_MS = 10_000;

/** What looking at visits has come to. */
interface Answers {
  /** ends that hold now, with the tags as they are known after that */
  ended: { fact: NewFact; tag: TagState; device: DeviceState }[];
  later: DueRow[];
  /** nothing to wait for any more */
  done: string[];
}

/**
 * Makes known what no reading will tell: that a tag is not there any more. The fact and its time are the rule's, taken
 * from readings; the clock only decides when to say it, and does so by how far the reader has come: its newest reading,
 * and the time since. A read that comes after all takes it back in the statement that stores it (visit-ends.ts).
 * @param now everything received up to then has been sensed, epoch milliseconds
 * @returns whether there was anything to look at
 */
export async function settleVisits(stores: Stores, now: number): Promise<boolean> {
  let keep = (): void => undefined;
  const worked = await inTransaction(stores.pool, async (client) => {
    const visits = await claimDueVisits(client, now, AT_ONCE);
    if (visits.length === 0) return false;
    const registry = await stores.registry.current();
    const answers = await answer(stores, visits, registry, now);
    const { shipmentIds, stockIds, parts } = await decide(
      client,
      { added: answers.ended.map(({ fact }) => fact), withdrawn: [] },
      registry.places,
    );
    const devices = [...new Set(answers.ended.map(({ device }) => device))].map(nextVersion);
    const tags = answers.ended.map(({ tag }) => tag);
    try {
      const told = [sameRegistry(registry.version), touchDevices(devices), writeTags(tags.map(tagRow)), ...parts];
      const notice = notify({
        ...(shipmentIds.length > 0 && { shipments: shipmentIds }),
        ...(stockIds.length > 0 && { stock: stockIds }),
      });
      await runParts(client, [...partsOf(answers), ...(tags.length > 0 ? [...told, notice] : [])]);
    } catch (error) {
      if (staleThing(error) !== "subject") {
        stores.registry.stale();
        forget(stores, visits);
      }
      throw error;
    }
    keep = () => {
      stores.deviceStates.keep(devices);
      stores.tagStates.keep(tags);
    };
    return true;
  });
  keep();
  return worked;
}

async function answer(stores: Stores, visits: readonly DueVisit[], registry: Registry, now: number): Promise<Answers> {
  const registered = visits.filter(({ deviceId }) => registry.devices.has(deviceId));
  // Another node may have read the tag since: what is remembered here would then be no ground to look no more.
  const remembered = await stores.deviceStates.load(new Set(registered.map(({ deviceId }) => deviceId)));
  const outdated = registered.filter(({ deviceId, version }) => remembered.get(deviceId)?.version !== version);
  if (outdated.length > 0) forget(stores, outdated);
  const devices = await stores.deviceStates.load(remembered.keys());
  const tags = await stores.tagStates.load(registered);
  const answers: Answers = { ended: [], later: [], done: [] };
  for (const visit of visits) {
    const device = devices.get(visit.deviceId);
    const tag = tags.get(visitSubject(visit));
    if (device === undefined || tag === undefined || tag.endTold) answers.done.push(visitSubject(visit));
    else look(answers, visit, tag, device, registry, now);
  }
  return answers;
}

function forget(stores: Stores, visits: readonly DueVisit[]): void {
  const ids = new Set(visits.map(({ deviceId }) => deviceId));
  stores.deviceStates.forget(ids);
  stores.tagStates.forget(ids);
  stores.identities.forget(ids);
}

function look(
  answers: Answers,
  visit: DueVisit,
  tag: TagState,
  device: DeviceState,
  registry: Registry,
  now: number,
): void {
  const signal = { deviceId: tag.deviceId, kind: "rfid", epc: tag.epc } as const;
  const subject = visitSubject(tag);
  const context = TAG_TRACK.contextOf(signal, registry);
  const head = presenceOf(tag.followed, context);
  const end = dwellEndFact(head, context);
  const reached = (device.newestTs ?? 0) + Math.max(0, now - visit.lastReceivedAt);
  if (end === undefined) answers.done.push(subject);
  else if (reached < end.at) answers.later.push({ subject, at: now + end.at - reached });
  // Away, but it was still reading when the silence had become too long: then the tag was not there to be read.
  else if (visit.isAway && (device.newestTs ?? 0) < end.at) answers.later.push({ subject, at: now + AWAY_LOOK_MS });
  else {
    const fact = { ...end, signal: signalName(signal), concludedAt: end.at };
    const followed = { ...tag.followed, head };
    answers.ended.push({ fact, tag: { ...tag, followed, endTold: true }, device });
    answers.done.push(subject);
  }
}

function nextVersion(device: DeviceState): DeviceState {
  return { ...device, version: device.version + 1 };
}

function partsOf({ later, done }: Answers): Part[] {
  return [
    ...(later.length > 0 ? [postponeDue("tag-presence", later)] : []),
    ...(done.length > 0 ? [removeDue("tag-presence", done)] : []),
  ];
}
