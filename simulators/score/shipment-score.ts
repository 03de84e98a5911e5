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
}

export interface ReportedShipment {
  id: number;
  truth: PalletTruth;
  /** stage of the shipment resource at the end */
  stage: Stage | undefined;
  events: readonly ReportedEvent[];
}

/** An error of the platform, as a text for people. */
export interface Finding {
  shipment: number;
  what: string;
}

export interface ShipmentScore {
  shipments: number;
  /** settled shipment-minutes, by true stage, then by stage shown */
  minutes: Record<string, Record<string, number>>;
  stageShare: number;
  /** shipments whose stage is wrong at the end */
  wrongAtEnd: number;
  /** true stage changes by cause: in the platform's history within `SETTLING_MS`, or missed */
  turns: Record<string, { right: number; missed: number }>;
  /** stage changes shown by each rule: those that happened and those that did not */
  rules: Record<string, { right: number; wrong: number }>;
  /** shipments shown delivered earlier than they were, or that never were */
  falselyDelivered: number;
  findings: Finding[];
}

/** Grace period of the platform after a stage change, milliseconds. */
export const SETTLING_MS = 120_000;
/** A delivered shipment is scored for this long after delivery: long rest would outweigh errors on the road. */
const COUNTED_AFTER_DELIVERY_MS = 300_000;
const MINUTE_MS = 60_000;

/** Compares the histories of shipments with the ground truth. @param endMs end of simulated time, epoch milliseconds */
export function scoreShipments(shown: readonly ReportedShipment[], endMs: number): ShipmentScore {
  const score: ShipmentScore = {
    shipments: shown.length,
    minutes: {},
    stageShare: 1,
    wrongAtEnd: 0,
    turns: {},
    rules: {},
    falselyDelivered: 0,
    findings: [],
  };
  const minutes = { all: 0, right: 0 };
  for (const shipment of shown) {
    const history = shipment.events.map((event) => ({ ...event, at: Date.parse(event.at) }));
    countMinutes(score, minutes, shipment, history, endMs);
    scoreStageChanges(score, shipment, history, endMs);
    checkFinalStage(score, shipment, endMs);
    checkDelivery(score, shipment, history);
  }
  score.stageShare = minutes.all === 0 ? 1 : minutes.right / minutes.all;
  return score;
}

type ShipmentHistory = readonly (Omit<ReportedEvent, "at"> & { at: number })[];

function countMinutes(
  score: ShipmentScore,
  minutes: { all: number; right: number },
  { truth: { stageChanges: turns, deliveredAt = Infinity } }: ReportedShipment,
  history: ShipmentHistory,
  endMs: number,
): void {
  const until = Math.min(endMs, deliveredAt + COUNTED_AFTER_DELIVERY_MS);
  const first = turns[0];
  if (!first) return;
  for (let at = first.at + SETTLING_MS; at <= until; at += MINUTE_MS) {
    const truth = latestAt(turns, at);
    if (!truth || at - truth.at < SETTLING_MS) continue;
    const stage = latestAt(history, at)?.stage ?? "unknown";
    const row = (score.minutes[truth.stage] ??= {});
    row[stage] = (row[stage] ?? 0) + 1;
    minutes.all += 1;
    if (stage === truth.stage) minutes.right += 1;
  }
}

/** Matches each stage change shown with the nearest true one within `SETTLING_MS`. */
function scoreStageChanges(
  score: ShipmentScore,
  { id, truth }: ReportedShipment,
  history: ShipmentHistory,
  endMs: number,
): void {
  const open = new Set(truth.stageChanges);
  for (const [index, event] of history.entries()) {
    if (event.stage === history[index - 1]?.stage) continue;
    const rule = (score.rules[`${event.type} by ${event.rule}`] ??= { right: 0, wrong: 0 });
    const match = [...open]
      .filter(({ stage, at }) => stage === event.stage && Math.abs(at - event.at) <= SETTLING_MS)
      .sort((a, b) => Math.abs(a.at - event.at) - Math.abs(b.at - event.at))[0];
    if (match) {
      open.delete(match);
      rule.right += 1;
      (score.turns[match.cause] ??= { right: 0, missed: 0 }).right += 1;
    } else {
      rule.wrong += 1;
      score.findings.push({ shipment: id, what: `${event.type} by ${event.rule} → ${event.stage} ${clock(event.at)}` });
    }
  }
  for (const { cause, stage, at } of open) {
    if (endMs - at < SETTLING_MS) continue;
    (score.turns[cause] ??= { right: 0, missed: 0 }).missed += 1;
    score.findings.push({ shipment: id, what: `missed: ${cause} → ${stage} ${clock(at)}` });
  }
}

/** A change within the last `SETTLING_MS` may be shown or not. */
function checkFinalStage(score: ShipmentScore, { id, truth, stage: shown }: ReportedShipment, endMs: number): void {
  const truly = truth.stageChanges.at(-1)?.stage;
  const settling = truth.stageChanges.filter(({ at }) => endMs - at < SETTLING_MS);
  const allowed = [latestAt(truth.stageChanges, endMs - SETTLING_MS), ...settling].map((turn) => turn?.stage);
  if (allowed.includes(shown)) return;
  score.wrongAtEnd += 1;
  score.findings.push({ shipment: id, what: `ends as ${shown ?? "unknown"}, truly ${truly ?? "unknown"}` });
}

function checkDelivery(score: ShipmentScore, { id, truth }: ReportedShipment, history: ShipmentHistory): void {
  const shown = history.find(({ status }) => status === "delivered");
  if (!shown || shown.at >= (truth.deliveredAt ?? Infinity) - SETTLING_MS) return;
  score.falselyDelivered += 1;
  score.findings.push({ shipment: id, what: `delivered by ${shown.rule} ${clock(shown.at)}, truly not` });
}

export interface CrossingScore {
  /** true crossings that were reported or should have been */
  real: number;
  /** of those, the reported ones; and all reported crossings */
  found: number;
  told: number;
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
  const told = new Map<number, { id: number; type: string; truck: string | undefined; at: number }>();
  for (const { events } of shown) {
    for (const { id, type, at, vehicle_id } of events) {
      if (type !== "arrived" && type !== "departed") continue;
      told.set(id, { id, type, truck: vehicle_id === null ? undefined : truckOf(vehicle_id), at: Date.parse(at) });
    }
  }
  const open = new Set(truth.crossings);
  let found = 0;
  const findings: string[] = [];
  for (const event of told.values()) {
    const match = [...open].find(
      ({ type, truck, at }) => type === event.type && truck === event.truck && Math.abs(at - event.at) <= SETTLING_MS,
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
  const missed = [...open].filter(({ at, decisive }) => decisive && endMs - at >= SETTLING_MS);
  for (const { truck, type, site, at } of missed) findings.push(`${truck} ${type} ${site} ${clock(at)}: not told`);
  const real = found + missed.length;
  return {
    real,
    found,
    told: told.size,
    precision: told.size === 0 ? 1 : found / told.size,
    recall: real === 0 ? 1 : found / real,
    findings,
  };
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
