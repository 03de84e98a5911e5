import type { Logger } from "pino";
import type { ApiClient } from "../platform/api-client.ts";
import { forEachConcurrently } from "../platform/concurrently.ts";
import { pause } from "../run/pause.ts";
import { createPublisher, type Publisher } from "../run/publisher.ts";
import { FENCE_M, longLane, type LongLane, type RunFix, simulateRun } from "../world/lane-runs.ts";
import { type EtaScore, type Promised, scorePromises, type Reported } from "./eta-score.ts";

/*
 * Plays promises, in real time, after the world: a lane of its own gets 20 days of history, then trucks are somewhere on it now. To half
 * of their goods a time is promised that they will miss, as is plain from where they are; to the others one that they keep with ease.
 * The trucks are followed for longer than a delay has to last before it is alerted: what was driven before has more traffic at some hours
 * and less at others, so not every estimate is half an hour past the promise. Each that will be late is alerted well before its promise
 * passes, and none of the others.
 */

const MINUTE = 60_000;
const DAY = 86_400_000;
const HISTORY_DAYS = 20;
const TRUCKS = 12;
const KM = 160;
const LANE_START = { lat: 52, lon: 15 };
/** What is late, is so by more than a promise that is alerted at once. */
const LATE_BY_MS = 40 * MINUTE;
/** The delay shows so long before the promise passes, at least. */
const SHOWS_MS = 15 * MINUTE;
const SPARE_MS = 60 * MINUTE;
/** The goods are known to be aboard so long before the last fix: a delay is alerted once it has lasted for ten minutes of the readings. */
const FOLLOWED_MS = 12 * MINUTE;
/** An alert may take so long: history, estimate and rule follow one another. */
const PATIENCE_MS = 120_000;
const POLL_MS = 1_000;
const MESSAGE_FIXES = 200;
const MAX_IN_FLIGHT = 10;

interface AlertRow {
  type: string;
  shipment_id: number | null;
  opened_at: string;
}

export interface PromisePlay {
  api: ApiClient;
  /** of the broker */
  url: string;
  seed: number;
  /** names and device ids begin with it */
  idPrefix: string;
  log: Logger;
  signal: AbortSignal;
}

/** Plays promises on the platform, and scores what it says of them. */
export async function playPromises(play: PromisePlay): Promise<EtaScore> {
  const publisher = createPublisher({ url: play.url, qos: 1, maxInFlight: MAX_IN_FLIGHT, log: play.log });
  try {
    return await playWith(publisher, play);
  } finally {
    await publisher.close();
  }
}

async function playWith(publisher: Publisher, play: PromisePlay): Promise<EtaScore> {
  const { api, seed, idPrefix, log } = play;
  const lane = longLane(seed, LANE_START, KM);
  const fence = ({ lat, lon }: { lat: number; lon: number }) => ({ lat, lon, radius_m: FENCE_M });
  const name = `${idPrefix}Promises ${seed}`;
  const place = (of: string, stage: string, at: { lat: number; lon: number }) =>
    api.post<{ id: number }>("/locations", { name: `${name} ${of}`, stage, geofence: fence(at) });
  const [{ id: depot }, { id: shop }] = [
    await place("depot", "storage", lane.from),
    await place("shop", "delivery", lane.to),
  ];
  const now = Date.now();
  await drive(play, publisher, `${name} history`, historyOf(lane, now));
  const promised: Promised[] = [];
  const followed: { device: string; fixes: RunFix[]; sent: number }[] = [];
  await forEachConcurrently(
    Array.from({ length: TRUCKS }, (_, index) => index),
    async (index) => {
      const { run, dueAt, isLate } = promiseOf(lane, now, index % 2 === 0);
      const fixes = [...standing(lane.from, run.departedAt), ...run.fixes.filter(({ at }) => at <= now)];
      const before = fixes.filter(({ at }) => at <= fixes.at(-1)!.at - FOLLOWED_MS);
      const { vehicle, device } = await drive(play, publisher, `${name} truck ${index}`, before);
      followed.push({ device, fixes, sent: before.length });
      const { id } = await api.post<{ id: number }>("/shipments", {
        ...{ product_name: "Promised goods", quantity: 1, location: depot, destination_id: shop },
        due_at: new Date(dueAt).toISOString(),
        at: new Date(run.departedAt - 5 * MINUTE).toISOString(),
      });
      const at = new Date(run.departedAt - 4 * MINUTE).toISOString();
      await api.post(`/shipments/${id}/load`, { vehicle_id: vehicle, at });
      promised.push({ shipment: id, dueAt, arrivesAt: run.arrivedAt, isLate });
    },
  );
  await scoredUntil(play, promised, ({ byHistory }) => byHistory === TRUCKS);
  await forEachConcurrently(followed, ({ device, fixes, sent }) => publishFixes(publisher, device, fixes, sent));
  const score = await scoredUntil(play, promised, ({ missing, byHistory }) => missing === 0 && byHistory === TRUCKS);
  log.info({ late: score.late, alerted: score.alertedInTime }, "promises played");
  // Nobody waits for them.
  await forEachConcurrently(promised, async ({ shipment }) => {
    await api.put(`/shipments/${shipment}`, { status: "cancelled" });
  });
  return score;
}

/** The score as soon as it is so, or when nothing more is to be expected. */
async function scoredUntil(
  { api, signal }: PromisePlay,
  promised: readonly Promised[],
  isReached: (score: EtaScore) => boolean,
): Promise<EtaScore> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const score = scorePromises(promised, await readTold(api, promised));
    if (isReached(score) || performance.now() >= until || signal.aborted) return score;
    await pause(POLL_MS, signal);
  }
}

/** Twenty days of one truck, which is at the depot again each morning. */
function historyOf(lane: LongLane, now: number): RunFix[] {
  return Array.from({ length: HISTORY_DAYS }, (_, index) => now - (HISTORY_DAYS - index) * DAY).flatMap((at) => {
    const departedAt = at + lane.random.between(-4, 0) * 60 * MINUTE;
    const { fixes, arrivedAt } = simulateRun(lane, departedAt);
    return [...standing(lane.from, departedAt), ...fixes, ...standing(lane.to, arrivedAt + 12 * MINUTE)];
  });
}

/** Ten minutes in a place, until then. */
const standing = ({ lat, lon }: { lat: number; lon: number }, until: number): RunFix[] =>
  Array.from({ length: 10 }, (_, minute) => ({ at: until - (10 - minute) * MINUTE, lat, lon }));

/** A truck on its way now, and a promise that it will miss, or keep. */
function promiseOf(lane: LongLane, now: number, isLate: boolean) {
  // Silent for a quarter of an hour, it was followed on the road before all the same.
  const minutesAgo = lane.random.between(35, 50);
  const run = simulateRun(lane, now - minutesAgo * MINUTE);
  const early = lane.random.between(0, 10) * MINUTE;
  const dueAt = isLate
    ? Math.max(now + SHOWS_MS + 5 * MINUTE, run.arrivedAt - LATE_BY_MS - early)
    : run.arrivedAt + SPARE_MS + early;
  return { run, dueAt, isLate };
}

/** A new vehicle whose tracker sends these fixes. @returns the ids of both */
async function drive(
  { api }: PromisePlay,
  publisher: Publisher,
  name: string,
  fixes: readonly RunFix[],
): Promise<{ vehicle: number; device: string }> {
  const { id: vehicle } = await api.post<{ id: number }>("/vehicles", { name });
  const device = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const mount = { vehicle_id: vehicle, since: new Date(0).toISOString() };
  const { secret } = await api.post<{ secret: string }>("/devices", { id: device, kind: "gps", mount, rate_limit: 0 });
  await publisher.connect(device, secret);
  await publishFixes(publisher, device, fixes, 0);
  return { vehicle, device };
}

/** @param sent of the fixes were sent before */
async function publishFixes(
  publisher: Publisher,
  device: string,
  fixes: readonly RunFix[],
  sent: number,
): Promise<void> {
  for (let from = sent; from < fixes.length; from += MESSAGE_FIXES) {
    const readings = fixes
      .slice(from, from + MESSAGE_FIXES)
      .map(({ at, lat, lon }, index) => ({ ts: at, seq: from + index, lat, lon, accuracy: 5 }));
    await publisher.publish(device, "gps", readings);
  }
}

async function readTold(api: ApiClient, promised: readonly Promised[]): Promise<Map<number, Reported>> {
  const told = new Map<number, Reported>();
  const alerts = await api.list<AlertRow>("/alerts?type=late");
  for (const { shipment } of promised) {
    const { eta } = await api.get<{
      eta: { p50: string | null; position_at: string | null; basis: { kind: string } } | null;
    }>(`/shipments/${shipment}`);
    const alert = alerts.find((row) => row.shipment_id === shipment);
    const time = (iso: string | null | undefined) => (iso ? Date.parse(iso) : undefined);
    told.set(shipment, {
      alertedAt: time(alert?.opened_at),
      p50: time(eta?.p50),
      basis: eta?.basis.kind,
      positionAt: time(eta?.position_at),
    });
  }
  return told;
}
