import { type FaultStats, faultStatsRows } from "../devices/fault-stats.ts";
import { type Score, scoreTable } from "../score/score.ts";
import type { Publisher } from "../run/publisher.ts";

/** Summary of a run. Latencies are milliseconds from the time a message was due to its acknowledgement. */
export interface Summary {
  seconds: number;
  sent: number;
  acknowledged: number;
  unacknowledged: number;
  /** acknowledged, but missing from the platform; null without an API to ask */
  lost: number | null;
  /** bookings the platform refused */
  refused: number;
  messages: number;
  reconnects: number;
  p50Ms: number | null;
  p99Ms: number | null;
  /** faults that were injected into a simulated world */
  befallen?: FaultStats;
  /** with `--score` */
  score?: Score;
}

export function summarise(publisher: Publisher, beganAt: number, lost: number | null): Summary {
  const { sent, acknowledged, unacknowledged, inFlight, messages, reconnects } = publisher.counts();
  const percentile = (share: number) => {
    const ms = publisher.latencies.percentile(share);
    return ms === undefined ? null : Math.round(ms * 100) / 100;
  };
  return {
    seconds: Math.round((performance.now() - beganAt) / 100) / 10,
    sent,
    acknowledged,
    unacknowledged: unacknowledged + inFlight,
    lost,
    refused: 0,
    messages,
    reconnects,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
  };
}

export function liveLine({ sent, acknowledged, unacknowledged, p50Ms, p99Ms, seconds }: Summary): string {
  return `${seconds.toFixed(0).padStart(5)} s  sent ${sent}  acknowledged ${acknowledged}  open ${unacknowledged}  p50 ${p50Ms ?? "-"} ms  p99 ${p99Ms ?? "-"} ms`;
}

export function table(summary: Summary): string {
  const rows: [string, string][] = [
    ["readings sent", String(summary.sent)],
    ["acknowledged", String(summary.acknowledged)],
    ["not acknowledged", String(summary.unacknowledged)],
    ["acknowledged, then lost", summary.lost === null ? "unknown" : String(summary.lost)],
    ["bookings refused", String(summary.refused)],
    ["messages", String(summary.messages)],
    ["readings per second", (summary.acknowledged / Math.max(0.1, summary.seconds)).toFixed(1)],
    ["latency p50 / p99, ms", `${summary.p50Ms ?? "-"} / ${summary.p99Ms ?? "-"}`],
    ["reconnects", String(summary.reconnects)],
    ...(summary.befallen ? faultStatsRows(summary.befallen) : []),
  ];
  const figures = rows.map(([name, value]) => `${name.padEnd(28)}${value}`).join("\n");
  return summary.score === undefined ? figures : `${figures}\n\n${scoreTable(summary.score)}`;
}
