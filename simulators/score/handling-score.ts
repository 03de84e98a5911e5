import type { HandlingKind } from "../world/handling.ts";
import type { Crossing } from "./ground-truth.ts";
import {
  clock,
  endOf,
  falseDelivery,
  type Finding,
  type ReportedEvent,
  type ReportedShipment,
  GRACE_MS,
  stableMinutes,
  wrongEnd,
} from "./shipment-score.ts";

/** How right the platform is of goods that are handled in one way. */
export interface KindScore {
  shipments: number;
  /** settled shipment-minutes, and those in which stage and status are right */
  minutes: number;
  right: number;
  wrongAtEnd: number;
  falselyDelivered: number;
  /** departures and arrivals that shipments should tell of */
  crossings: number;
  missing: number;
  tooMany: number;
  /** reported with another location than where it happened */
  wrongPlace: number;
}

export interface HandlingScore {
  kinds: Partial<Record<HandlingKind, KindScore>>;
  findings: Finding[];
}

export interface HandlingScoreOptions {
  endMs: number;
  /** the platform's id of a location → its name */
  placeOf: (locationId: number) => string | undefined;
  /** shipments that were seen as delivered, live, before they were */
  shownDeliveredTooEarly: ReadonlySet<number>;
}

/** Compares shipments with the truth by the way their goods are handled. */
export function scoreHandling(shown: readonly ReportedShipment[], options: HandlingScoreOptions): HandlingScore {
  const score: HandlingScore = { kinds: {}, findings: [] };
  for (const shipment of shown) {
    const { handling } = shipment.truth.pallet;
    if (handling === null) continue;
    const kind = (score.kinds[handling] ??= emptyScore());
    const find = (what: string): void =>
      void score.findings.push({ shipment: shipment.id, what: `${handling}: ${what}` });
    kind.shipments += 1;
    const endMs = endOf(shipment, options.endMs);
    const minutes = stableMinutes(shipment, endMs);
    const wrong = minutes.filter(({ isRight }) => !isRight);
    kind.minutes += minutes.length;
    kind.right += minutes.length - wrong.length;
    const [first] = wrong;
    if (first) find(`${wrong.length} min from ${clock(first.at)}: shown ${first.shown}, truly ${first.truth}`);
    if (wrongEnd(shipment, endMs) !== undefined) kind.wrongAtEnd += 1;
    if (falseDelivery(shipment) || options.shownDeliveredTooEarly.has(shipment.id)) kind.falselyDelivered += 1;
    matchCrossings(kind, shipment, { ...options, endMs }, find);
  }
  return score;
}

/** Each departure and arrival with the goods aboard is reported once, within the settling time, with its place. */
function matchCrossings(
  kind: KindScore,
  { truth, events }: ReportedShipment,
  { endMs, placeOf }: HandlingScoreOptions,
  find: (what: string) => void,
): void {
  const open = new Set(truth.crossings);
  kind.crossings += truth.crossings.filter((crossing) => isWanted(crossing, endMs)).length;
  for (const event of events) {
    if (event.type !== "departed" && event.type !== "arrived") continue;
    const place = event.location_id === null ? undefined : placeOf(event.location_id);
    const near = [...open].filter(isNear(event)).sort(byDistanceTo(Date.parse(event.at)));
    const match = near.find(({ site }) => site === place) ?? near[0];
    const reported = `${event.type} ${place ?? "no place"} ${clock(Date.parse(event.at))}`;
    if (match === undefined) {
      kind.tooMany += 1;
      find(`too many: ${reported}`);
      continue;
    }
    open.delete(match);
    if (match.site === place) continue;
    kind.wrongPlace += 1;
    find(`${reported}, truly ${match.site}`);
  }
  for (const crossing of open) {
    if (!isWanted(crossing, endMs)) continue;
    kind.missing += 1;
    find(`missing: ${crossing.type} ${crossing.site} ${clock(crossing.at)}`);
  }
}

function isWanted({ decisive, at }: Crossing, endMs: number): boolean {
  return decisive && endMs - at >= GRACE_MS;
}

function isNear({ type, at }: ReportedEvent): (crossing: Crossing) => boolean {
  return (crossing) => crossing.type === type && Math.abs(crossing.at - Date.parse(at)) <= GRACE_MS;
}

function byDistanceTo(at: number): (a: Crossing, b: Crossing) => number {
  return (a, b) => Math.abs(a.at - at) - Math.abs(b.at - at);
}

function emptyScore(): KindScore {
  return {
    ...{ shipments: 0, minutes: 0, right: 0, wrongAtEnd: 0, falselyDelivered: 0 },
    ...{ crossings: 0, missing: 0, tooMany: 0, wrongPlace: 0 },
  };
}
