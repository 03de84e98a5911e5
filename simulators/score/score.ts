import { type AlertScore, SCORED_ALERTS } from "./alert-score.ts";
import type { ConditionsScore } from "./conditions-score.ts";
import type { EtaScore } from "./eta-score.ts";
import { type BottleneckScore, missedJam } from "./bottleneck-score.ts";
import type { HandlingScore, KindScore } from "./handling-score.ts";
import type { HistoryScore } from "./shelf-history.ts";
import type { RestockScore } from "./restock-score.ts";
import type { ShelfScore } from "./shelf-score.ts";
import type { VerificationScore } from "./verification-score.ts";
import type { CrossingScore, ShipmentScore } from "./shipment-score.ts";

/** How the platform's answers compare with the ground truth of one world. The field names are the JSON output. */
export interface Score {
  seed: number;
  shipments: ShipmentScore;
  /** shipments that the live stream showed as delivered before their delivery */
  shownDeliveredTooEarly: readonly number[];
  /** by the way the goods are handled */
  handling: HandlingScore;
  crossings: CrossingScore;
  /** shelf quantities shown during the run and at its end */
  shelves: ShelfScore;
  /** shelf quantities of the whole time, read from the history afterwards */
  shelfHistory: HistoryScore;
  /** alerts of shelves, followed live */
  alerts: AlertScore;
  /** reports of the cold boxes */
  conditions: ConditionsScore;
  /** draft orders of what was short at the end */
  restock: RestockScore;
  /** missing and extra units at the loading of trips */
  verification: VerificationScore;
  /** what was promised, played in real time after the world */
  promises: EtaScore;
  /** whether the place where the world holds goods up is found */
  bottleneck: BottleneckScore;
  /** how long the world waited for the platform to catch up, milliseconds */
  waitedMs: number;
  /** whether the platform was quiescent when it was scored */
  settled: boolean;
}

// Limits that a run must reach.
const STAGE_SHARE = 0.995;
const CROSSING_SHARE = 0.99;
const SHELF_SHARE = 0.99;
const FINDINGS_SHOWN = 40;
const HOUR_MS = 3_600_000;

/** Texts for all limits that the score misses; empty: it passes. */
export function shortfalls(score: Score): string[] {
  const { shipments, shownDeliveredTooEarly, handling, crossings, shelves, shelfHistory } = score;
  const { alerts, restock, promises, settled } = score;
  const { conditions } = score;
  const kinds = Object.values(handling.kinds);
  const inAll = (count: (kind: KindScore) => number) => kinds.reduce((sum, kind) => sum + count(kind), 0);
  const least = (what: string, share: number, limit: number) =>
    share < limit ? [`${what}: ${percent(share)}, at least ${percent(limit)} wanted`] : [];
  const none = (what: string, count: number) => (count > 0 ? [`${what}: ${count}, none wanted`] : []);
  return [
    ...least("stage right", shipments.stageShare, STAGE_SHARE),
    ...Object.entries(handling.kinds).flatMap(([kind, { minutes, right }]) =>
      least(`stage right, ${kind}`, minutes === 0 ? 1 : right / minutes, STAGE_SHARE),
    ),
    ...none("end states wrong", shipments.wrongAtEnd),
    ...none(
      "departures and arrivals missing",
      inAll(({ missing }) => missing),
    ),
    ...none(
      "departures and arrivals too many",
      inAll(({ tooMany }) => tooMany),
    ),
    ...none(
      "departures and arrivals at a wrong place",
      inAll(({ wrongPlace }) => wrongPlace),
    ),
    ...none("shown delivered and not", shipments.falselyDelivered + shownDeliveredTooEarly.length),
    ...least("reported crossings that happened", crossings.precision, CROSSING_SHARE),
    ...least("crossings that were reported", crossings.recall, CROSSING_SHARE),
    ...least("shelf counts exact", shelves.share, SHELF_SHARE),
    ...least("settled time with exact shelf counts", shelfHistory.share, SHELF_SHARE),
    ...none("shelf counts wrong at the end", shelves.wrongAtEnd),
    ...none("shelves falsely low", shelves.falselyLow + shelfHistory.falselyLow),
    ...SCORED_ALERTS.flatMap((type) => {
      const { causes, inTime, missing } = alerts.kinds[type];
      return [
        ...none(`${type} alerts missing`, missing),
        ...none(`${type} alerts too late`, causes - inTime - missing),
      ];
    }),
    ...none("alerts without a cause", alerts.falsely),
    ...none("cold boxes with wrong minutes out of range", conditions.wrong),
    ...none("silences that are no gap", conditions.gapsMissed),
    ...none("shortages without a restock draft", restock.undrafted),
    ...none("restock drafts too many", restock.doubled),
    ...none("planted units that load verification does not name", score.verification.unnamed),
    ...none("units that load verification names falsely", score.verification.falselyNamed),
    ...none("late shipments not alerted before their promise passed", promises.missing),
    ...none("shipments falsely alerted as late", promises.falsely),
    ...missedJam(score.bottleneck),
    ...(settled ? [] : ["the platform was still processing data: the score is not valid"]),
  ];
}

export function scoreTable(score: Score): string {
  const { shipments, shownDeliveredTooEarly, crossings, shelves, shelfHistory } = score;
  const { alerts, restock, promises, waitedMs } = score;
  const tooEarly = shipments.falselyDelivered + shownDeliveredTooEarly.length;
  const lines = [
    `seed ${score.seed}: ${shipments.shipments} shipments`,
    row("stage right", `${percent(shipments.stageShare)} of settled shipment-minutes`),
    row("end states wrong", `${shipments.wrongAtEnd}`),
    row("delivered and not", `${tooEarly}`),
    row("geofence crossings", `precision ${percent(crossings.precision)}, recall ${percent(crossings.recall)}`),
    row("", `${crossings.real} real, ${crossings.reported} reported`),
    row("shelf counts exact", `${percent(shelves.share)} of ${shelves.settled} settled looks`),
    row("", `${percent(shelfHistory.share)} of ${(shelfHistory.settledMs / HOUR_MS).toFixed(1)} h of settled time`),
    row("shelves wrong at the end", `${shelves.wrongAtEnd}`),
    row("shelves falsely low", `${shelves.falselyLow + shelfHistory.falselyLow}`),
    ...SCORED_ALERTS.map((type) => {
      const { causes, inTime, missing, slowestMs } = alerts.kinds[type];
      const slowest = slowestMs === null ? "" : `, the slowest after ${Math.round(slowestMs)} ms`;
      return row(`${type} alerts`, `${inTime} of ${causes} in time, ${missing} missing${slowest}`);
    }),
    row("alerts without a cause", `${alerts.falsely}`),
    row(
      "cold boxes",
      `${minutes(score.conditions.shownMinutes)} out of range, ${minutes(score.conditions.truthMinutes)} in truth`,
    ),
    row("", `${score.conditions.wrong} of ${score.conditions.boxes} wrong, ${score.conditions.gapsMissed} gaps missed`),
    row("restock drafts", `${restock.shortages} short, ${restock.undrafted} without one, ${restock.doubled} too many`),
    row("load verification", verificationText(score.verification)),
    row("late shipments", `${promises.alertedInTime} of ${promises.late} alerted in time, ${promises.falsely} falsely`),
    row(
      "",
      `estimates: median error ${promises.medianErrorShare === null ? "?" : percent(promises.medianErrorShare)} of the time left`,
    ),
    row("the planted jam", `${score.bottleneck.jam ?? "none"}: rank ${score.bottleneck.rank ?? "–"}`),
    row("the world waited", `${(waitedMs / 1000).toFixed(1)} s for the platform`),
    "",
    ...handlingTable(score.handling),
    "",
    row("truth", ["", "right", "wrong or missed"].join("\t")),
    ...Object.entries(shipments.rules).map(([rule, { right, wrong }]) => row(rule, `reported\t${right}\t${wrong}`)),
    ...Object.entries(shipments.stageChanges).map(([cause, { right, missed }]) =>
      row(cause, `real\t${right}\t${missed}`),
    ),
    "",
    row("minutes by true stage", "shown as"),
    ...Object.entries(shipments.minutes).map(([stage, shown]) =>
      row(
        stage,
        Object.entries(shown)
          .map(([name, count]) => `${name} ${count}`)
          .join(", "),
      ),
    ),
    "",
    ...shipments.findings.map(({ shipment, what }) => `shipment ${shipment}: ${what}`).slice(0, FINDINGS_SHOWN),
    ...score.handling.findings.map(({ shipment, what }) => `shipment ${shipment}: ${what}`).slice(0, FINDINGS_SHOWN),
    ...crossings.findings.slice(0, FINDINGS_SHOWN),
    ...shelves.findings.slice(0, FINDINGS_SHOWN),
    ...shelfHistory.findings.slice(0, FINDINGS_SHOWN),
    ...alerts.findings.slice(0, FINDINGS_SHOWN),
    ...score.conditions.findings.slice(0, FINDINGS_SHOWN),
    ...score.verification.findings.slice(0, FINDINGS_SHOWN),
    ...promises.findings.slice(0, FINDINGS_SHOWN),
    ...shortfalls(score).map((shortfall) => `below the limit: ${shortfall}`),
  ];
  return lines.join("\n");
}

const COLUMNS = [
  "shipments",
  "stage right",
  "end wrong",
  "falsely delivered",
  "dep./arr.",
  "missing",
  "too many",
  "misplaced",
];

function handlingTable({ kinds }: HandlingScore): string[] {
  const cells = (texts: readonly (string | number)[]) =>
    texts.map((text, column) => String(text).padStart((COLUMNS[column]?.length ?? 0) + 2)).join("");
  const rows = Object.entries(kinds).map(([name, kind]) => {
    const share = percent(kind.minutes === 0 ? 1 : kind.right / kind.minutes);
    const { shipments, wrongAtEnd, falselyDelivered, crossings, missing, tooMany, wrongPlace } = kind;
    return `${name.padEnd(22)}${cells([shipments, share, wrongAtEnd, falselyDelivered, crossings, missing, tooMany, wrongPlace])}`;
  });
  return [`${"handling".padEnd(22)}${cells(COLUMNS)}`, ...rows];
}

const verificationText = ({ trips, planted, unnamed, falselyNamed }: VerificationScore): string =>
  `${planted} planted in ${trips} trips, ${unnamed} not named, ${falselyNamed} named falsely`;

function row(name: string, text: string): string {
  return `${name.padEnd(34)}${text}`;
}

const minutes = (count: number): string => `${count.toFixed(1)} min`;

function percent(share: number): string {
  return `${(Math.floor(share * 100_000) / 1000).toFixed(3)} %`;
}
