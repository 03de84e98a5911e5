/*
 * What the platform says of promised arrivals (promise-play.ts), against what is true of them: who will be late is alerted before the
 * promise passes, nobody else is, and the estimates are not far off.
 */

const MINUTE = 60_000;

export interface EtaScore {
  /** shipments that will be late, which showed at least a quarter of an hour before the promise */
  late: number;
  /** alerted before their promise passed */
  alertedInTime: number;
  missing: number;
  /** alerted, and on time */
  falsely: number;
  /** estimates that follow from the history of the lane */
  byHistory: number;
  /** of the time that was truly left; null: nothing was estimated */
  medianErrorShare: number | null;
  findings: string[];
}

/** A shipment as it was promised, and what is true of it. Epoch milliseconds. */
export interface Promised {
  shipment: number;
  dueAt: number;
  arrivesAt: number;
  isLate: boolean;
}

/** What the platform says of a shipment. */
export interface Reported {
  /** when it was alerted as late, epoch milliseconds; undefined: it was not */
  alertedAt: number | undefined;
  p50: number | undefined;
  basis: string | undefined;
  /** of the position, epoch milliseconds */
  positionAt: number | undefined;
}

export function scorePromises(promised: readonly Promised[], told: ReadonlyMap<number, Reported>): EtaScore {
  const findings: string[] = [];
  const count = { late: 0, alertedInTime: 0, missing: 0, falsely: 0, byHistory: 0 };
  const errors: number[] = [];
  for (const { shipment, dueAt, arrivesAt, isLate } of promised) {
    const { alertedAt, p50, basis, positionAt } = told.get(shipment) ?? ({} as Partial<Reported>);
    if (basis === "lane_history") count.byHistory += 1;
    if (p50 !== undefined && positionAt !== undefined)
      errors.push(Math.abs(p50 - arrivesAt) / Math.max(1, arrivesAt - positionAt));
    if (isLate) count.late += 1;
    if (isLate && alertedAt !== undefined && alertedAt < dueAt) count.alertedInTime += 1;
    else if (isLate) {
      count.missing += 1;
      const estimate =
        p50 === undefined
          ? "not estimated"
          : `estimated ${minutes(p50 - dueAt)} after it (${basis}), truly ${minutes(arrivesAt - dueAt)}`;
      findings.push(`shipment ${shipment}: late, and not alerted before its promise passed: ${estimate}`);
    } else if (alertedAt !== undefined) {
      count.falsely += 1;
      findings.push(`shipment ${shipment}: alerted as late, and on time`);
    }
  }
  const sorted = errors.toSorted((a, b) => a - b);
  return { ...count, medianErrorShare: sorted[Math.floor(sorted.length / 2)] ?? null, findings };
}

const minutes = (ms: number): string => `${(ms / MINUTE).toFixed(1)} min`;
