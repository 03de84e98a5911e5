import { latestAt, type PalletTruth, type Stage, type GroundTruth } from "./ground-truth.ts";

/** One entry of `GET /shipments/{id}/events`. */
export interface ReportedEvent {
  id: number;
  at: string;
  type: string;
  stage: Stage;
  status: string;
  rule: string;
  vehicle_id: number | null;
  location_id: number | null;
}

export interface ReportedShipment {
  id: number;
  truth: PalletTruth;
  /** what its row says at the end; the place by its name */
  shown: { stage: Stage; status: string; place: string | undefined } | undefined;
  events: readonly ReportedEvent[];
}

/** An error of the platform, as a text for people. */
export interface Finding {
  shipment: number;
  what: string;
}

export interface ShipmentScore {
  shipments: number;
  /** settled shipment-minutes, by true stage, then by stage shown, with a wrong status */
  minutes: Record<string, Record<string, number>>;
  stageShare: number;
  /** shipments whose stage, status or place is wrong at the end */
  wrongAtEnd: number;
  /** true stage changes by cause: in the platform's history within `GRACE_MS`, or missed */
  stageChanges: Record<string, { right: number; missed: number }>;
  /** stage changes shown by each rule: those that happened and those that did not */
  rules: Record<string, { right: number; wrong: number }>;
  /** shipments shown delivered earlier than they were, or that never were */
  falselyDelivered: number;
  findings: Finding[];
}

/** Grace period of the platform after a stage change, milliseconds. */
export const GRACE_MS = 120_000;
/** A delivered shipment is scored for this long after delivery: long rest would outweigh errors on the road. */
const COUNTED_AFTER_DELIVERY_MS = 300_000;
/** A clock may be wrong by this much: so long before a change the platform is not held to what is true, milliseconds. */
const CLOCK_ERROR_MS = 30_000;
const MINUTE_MS = 60_000;

/** Compares the histories of shipments with the ground truth. @param endOfWorldMs end of simulated time, epoch milliseconds */
export function scoreShipments(shown: readonly ReportedShipment[], endOfWorldMs: number): ShipmentScore {
  const score: ShipmentScore = {
    shipments: shown.length,
    minutes: {},
    stageShare: 1,
    wrongAtEnd: 0,
    stageChanges: {},
    rules: {},
    falselyDelivered: 0,
    findings: [],
  };
  const total = { all: 0, right: 0 };
  for (const shipment of shown) {
    const history = historyOf(shipment);
    const endMs = endOf(shipment, endOfWorldMs);
    for (const minute of stableMinutes(shipment, endMs)) {
      const row = (score.minutes[minute.truth] ??= {});
      row[minute.shown] = (row[minute.shown] ?? 0) + 1;
      total.all += 1;
      if (minute.isRight) total.right += 1;
    }
    scoreStageChanges(score, shipment, history, endMs);
    const end = wrongEnd(shipment, endMs);
    if (end !== undefined) {
      score.wrongAtEnd += 1;
      score.findings.push({ shipment: shipment.id, what: end });
    }
    const early = falseDelivery(shipment);
    if (early) {
      score.falselyDelivered += 1;
      score.findings.push({ shipment: shipment.id, what: `delivered by ${early.rule} ${clock(early.at)}, truly not` });
    }
  }
  score.stageShare = total.all === 0 ? 1 : total.right / total.all;
  return score;
}

/** Until when the platform could know of the goods, epoch milliseconds. */
export function endOf({ truth }: ReportedShipment, endOfWorldMs: number): number {
  return Math.min(endOfWorldMs, truth.unknownSince ?? Infinity);
}

type TimedEvent = Omit<ReportedEvent, "at"> & { at: number };
type ShipmentHistory = readonly TimedEvent[];

function historyOf({ events }: ReportedShipment): ShipmentHistory {
  return events.map((event) => ({ ...event, at: Date.parse(event.at) }));
}

/** A minute in which what is true has been true for a while. */
export interface StableMinute {
  at: number;
  /** the true stage, or `any` */
  truth: string;
  /** the stage shown; with the status, when that is what is wrong */
  shown: string;
  isRight: boolean;
}

/** Stage and status, minute by minute. */
export function stableMinutes(shipment: ReportedShipment, endMs: number): StableMinute[] {
  const { stageChanges, deliveredAt = Infinity } = shipment.truth;
  const first = stageChanges[0];
  const history = historyOf(shipment);
  const until = Math.min(endMs, deliveredAt + COUNTED_AFTER_DELIVERY_MS);
  const minutes: StableMinute[] = [];
  for (let at = (first?.at ?? Infinity) + GRACE_MS; at <= until; at += MINUTE_MS) {
    const truth = latestAt(stageChanges, at);
    if (!truth || at - truth.at < GRACE_MS) continue;
    if (latestAt(stageChanges, at + CLOCK_ERROR_MS) !== truth) continue;
    const { stage = "unknown", status = "unknown" } = latestAt(history, at) ?? {};
    const isStageRight = truth.stage === undefined || stage === truth.stage;
    const isRight = isStageRight && truth.statuses.includes(status);
    const shown = isStageRight && !isRight ? `${stage} (${status})` : stage;
    minutes.push({ at, truth: truth.stage ?? "any", shown, isRight });
  }
  return minutes;
}

/** Matches each stage change shown with the nearest true one within `GRACE_MS`. */
function scoreStageChanges(
  score: ShipmentScore,
  { id, truth }: ReportedShipment,
  history: ShipmentHistory,
  endMs: number,
): void {
  const turns = truth.stageChanges.filter(({ stage }, index, all) => index === 0 || stage !== all[index - 1]?.stage);
  const open = new Set(turns);
  for (const [index, event] of history.entries()) {
    if (event.stage === history[index - 1]?.stage) continue;
    const rule = (score.rules[`${event.type} by ${event.rule}`] ??= { right: 0, wrong: 0 });
    const match = [...open]
      .filter(({ stage, at }) => (stage ?? event.stage) === event.stage && Math.abs(at - event.at) <= GRACE_MS)
      .sort((a, b) => Math.abs(a.at - event.at) - Math.abs(b.at - event.at))[0];
    if (match) {
      open.delete(match);
      rule.right += 1;
      (score.stageChanges[match.cause] ??= { right: 0, missed: 0 }).right += 1;
    } else {
      rule.wrong += 1;
      score.findings.push({ shipment: id, what: `${event.type} by ${event.rule} → ${event.stage} ${clock(event.at)}` });
    }
  }
  for (const { cause, stage, at } of open) {
    if (endMs - at < GRACE_MS || stage === undefined) continue;
    (score.stageChanges[cause] ??= { right: 0, missed: 0 }).missed += 1;
    score.findings.push({ shipment: id, what: `missed: ${cause} → ${stage} ${clock(at)}` });
  }
}

/**
 * What is wrong with stage, status or place at the very end, in words. A change that is still settling may be shown or
 * not yet.
 */
export function wrongEnd({ truth, shown }: ReportedShipment, endMs: number): string | undefined {
  const { stageChanges } = truth;
  const settled = latestAt(stageChanges, endMs - GRACE_MS);
  const allowed = stageChanges.filter((change) => change === settled || endMs - change.at < GRACE_MS);
  const isRight = allowed.some(
    ({ stage, statuses, site }) =>
      shown !== undefined &&
      (stage ?? shown.stage) === shown.stage &&
      statuses.includes(shown.status) &&
      (site ?? shown.place) === shown.place,
  );
  if (isRight) return undefined;
  const last = stageChanges.at(-1);
  const truly = last && `${last.stage ?? "any"} (${last.statuses.join(" or ")}) at ${last.site ?? "a truck"}`;
  const said = shown && `${shown.stage} (${shown.status}) at ${shown.place ?? "no place"}`;
  return `ends as ${said ?? "unknown"}, truly ${truly ?? "unknown"}`;
}

/** The first event that shows it delivered before it was. */
export function falseDelivery(shipment: ReportedShipment): TimedEvent | undefined {
  const shown = historyOf(shipment).find(({ status }) => status === "delivered");
  const { deliveredAt = Infinity } = shipment.truth;
  return shown && shown.at < deliveredAt - GRACE_MS ? shown : undefined;
}

export interface CrossingScore {
  /** true crossings that were reported or should have been */
  real: number;
  /** of those, the reported ones; and all reported crossings */
  found: number;
  reported: number;
  precision: number;
  recall: number;
  findings: string[];
}

/** Scores the geofence crossings in the shipments' histories. @param truckOf vehicle id on the platform → name */
export function scoreCrossings(
  shown: readonly ReportedShipment[],
  truth: GroundTruth,
  truckOf: (vehicleId: number) => string | undefined,
  endMs: number,
): CrossingScore {
  const reported = new Map<number, { id: number; type: string; truck: string | undefined; at: number }>();
  for (const { events } of shown) {
    for (const { id, type, at, vehicle_id } of events) {
      if (type !== "arrived" && type !== "departed") continue;
      reported.set(id, { id, type, truck: vehicle_id === null ? undefined : truckOf(vehicle_id), at: Date.parse(at) });
    }
  }
  const open = new Set(truth.crossings);
  let found = 0;
  const findings: string[] = [];
  for (const event of reported.values()) {
    const match = [...open].find(
      ({ type, truck, at }) => type === event.type && truck === event.truck && Math.abs(at - event.at) <= GRACE_MS,
    );
    if (!match) {
      findings.push(
        `${event.truck ?? "no truck"} ${event.type} ${clock(event.at)} (event ${event.id}): did not happen`,
      );
      continue;
    }
    open.delete(match);
    found += 1;
  }
  const missed = [...open].filter(({ at, decisive }) => decisive && endMs - at >= GRACE_MS);
  for (const { truck, type, site, at } of missed) findings.push(`${truck} ${type} ${site} ${clock(at)}: not reported`);
  const real = found + missed.length;
  return {
    real,
    found,
    reported: reported.size,
    precision: reported.size === 0 ? 1 : found / reported.size,
    recall: real === 0 ? 1 : found / real,
    findings,
  };
}

export function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
