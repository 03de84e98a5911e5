import type { Write } from "../statement.ts";

/** Changed rows, for live views and caches: ids by topic; null when they are too many to list. */
export interface ChangeNotice {
  shipments?: number[] | null;
  stock?: number[] | null;
  positions?: number[] | null;
  devices?: string[] | null;
  /** planned trips, for alerts alone */
  trips?: number[] | null;
  /** where and when something was read that the load of a trip may be verified by (domain/trip/evidence-keys.ts), for alerts alone */
  evidence?: string[] | null;
}

/** Postgres refuses a NOTIFY payload of 8,000 bytes or more. */
const MAX_NOTICE_BYTES = 7_900;

/** Sends one NOTIFY per batch, with keys only: NOTIFY takes a global lock at commit. What is too long to list is not listed, the longest first. */
export function notifyChanges(notice: ChangeNotice): Write {
  let listed = notice;
  let payload = JSON.stringify(listed);
  while (Buffer.byteLength(payload) > MAX_NOTICE_BYTES) {
    listed = { ...listed, [longestOf(listed)]: null };
    payload = JSON.stringify(listed);
  }
  return { name: "notice", sql: "", params: [payload], check: "pg_notify('changes', $1)" };
}

function longestOf(notice: ChangeNotice): string {
  const lengths = Object.entries(notice).map(([topic, keys]) => [topic, JSON.stringify(keys).length] as const);
  return lengths.sort(([, a], [, b]) => b - a)[0]![0];
}
