import type { Write } from "../statement.ts";

/** Changed rows, for live views and caches: ids by topic; null when they are too many to list. */
export interface ChangeNotice {
  shipments?: number[] | null;
  stock?: number[] | null;
  positions?: number[] | null;
  devices?: string[] | null;
}

/** Postgres refuses a NOTIFY payload of 8,000 bytes or more. */
const MAX_NOTICE_BYTES = 7_900;

/** Sends one NOTIFY per batch, with keys only: NOTIFY takes a global lock at commit. */
export function notifyChanges(notice: ChangeNotice): Write {
  let payload = JSON.stringify(notice);
  if (Buffer.byteLength(payload) > MAX_NOTICE_BYTES) {
    payload = JSON.stringify(Object.fromEntries(Object.keys(notice).map((topic) => [topic, null])));
  }
  return { name: "notice", sql: "", params: [payload], check: "pg_notify('changes', $1)" };
}
