import type { Pool } from "pg";
import { moreThanThere, repeatedSerial, type ScanProblem } from "./scan-problems.ts";
import type { ScanResult } from "./scan-facts.ts";
import type { Reading } from "./reading.ts";
import type { Decision } from "../decisions/decide.ts";
import { findQuarantined } from "../stores/writes/waiting-scans.ts";
import { type Refusal, waitingSource } from "./deduplicate.ts";

/** A message for a device about a scan that was accepted. */
export interface ScanRemark extends ScanProblem {
  deviceId: string;
  /** epoch milliseconds */
  receivedAt: number;
}

/** Which scans go to quarantine, and why. @param retried sources that are tried again: to be said anew */
export async function refusalsOf(
  pool: Pool,
  results: readonly ScanResult<Reading<"scan">>[],
  retried: ReadonlySet<string>,
): Promise<Map<string, Refusal>> {
  const refusals = new Map<string, Refusal>();
  for (const { scan, problem } of results) {
    if (problem) refusals.set(waitingSource(scan), { ...problem, isWaiting: false });
  }
  if (refusals.size === 0) return refusals;
  const waiting = await findQuarantined(pool, [...refusals.keys()]);
  for (const [source, refusal] of refusals) refusal.isWaiting = waiting.has(source) && !retried.has(source);
  return refusals;
}

/** What to tell about the scans that were accepted. */
export function remarksOf(results: readonly ScanResult<Reading<"scan">>[], decision: Decision): ScanRemark[] {
  const remarks: ScanRemark[] = [];
  for (const { scan, facts, remark } of results) {
    const { deviceId, receivedAt } = scan;
    if (remark && facts.length > 0) remarks.push({ ...remark, deviceId, receivedAt });
    const missing = missingAfter(facts, decision);
    if (missing > 0) remarks.push({ ...moreThanThere(scan.content.code, missing), deviceId, receivedAt });
  }
  for (const { fact, of } of decision.repeats) {
    const { deviceId, at, data } = fact;
    if (deviceId !== undefined) {
      remarks.push({ ...repeatedSerial(data.code, data.isReceived, of), deviceId, receivedAt: at });
    }
  }
  return remarks;
}

/** How many pieces too many were picked by now from the stock position that these facts pick from. */
function missingAfter(facts: ScanResult["facts"], { stock }: Decision): number {
  for (const fact of facts) {
    const stockId =
      fact.type === "serial_scanned" && !fact.data.isReceived
        ? fact.data.stockId
        : fact.type === "adjusted" && fact.data.delta < 0
          ? Number(fact.subject.slice("stock:".length))
          : undefined;
    const row = stock.find(({ id }) => id === stockId);
    // Where a sensor governs, it may have seen the pieces taken before they were scanned: the ledger alone says nothing then.
    if (row) return -Math.min(row.fold.quantity, 0);
  }
  return 0;
}
