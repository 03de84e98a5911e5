import type { ScanRemark } from "./refused-scans.ts";
import { groupBy } from "../domain/group-by.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";
import type { Write } from "../stores/statement.ts";
import { MAX_ERRORS_REPORTED, reportErrors } from "../stores/writes/device-messages.ts";
import type { QuarantineRow } from "../stores/writes/quarantine.ts";

interface Entry {
  deviceId: string;
  topic: string;
  receivedAt: number;
  reason: string;
  detail: string;
  isQuarantined: boolean;
}

/** Tells devices on `devices/{id}/errors` what went to quarantine, and what their users should know of accepted scans. */
export function writesOfReports(
  quarantine: readonly QuarantineRow[],
  remarks: readonly ScanRemark[],
  { devices }: DeviceRegistry,
): Write[] {
  const entries: Entry[] = [
    ...quarantine.map((row) => ({ ...row, isQuarantined: true })),
    ...remarks.map((remark) => ({ ...remark, topic: `devices/${remark.deviceId}/scan`, isQuarantined: false })),
  ].filter(({ deviceId }) => devices.has(deviceId));
  const reports = [...groupBy(entries, ({ deviceId }) => deviceId)].map(([deviceId, rows]) => ({
    deviceId,
    payload: JSON.stringify(errorReport(rows)),
  }));
  return reports.length > 0 ? [reportErrors(reports)] : [];
}

function errorReport(entries: readonly Entry[]) {
  const errors = entries.slice(0, MAX_ERRORS_REPORTED).map(({ topic, receivedAt, reason, detail }) => ({
    topic,
    received_at: new Date(receivedAt).toISOString(),
    reason,
    detail,
  }));
  return { quarantined: entries.filter(({ isQuarantined }) => isQuarantined).length, errors };
}
