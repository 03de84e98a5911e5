import type { Write } from "../statement.ts";

/** What changed, for live views and caches: ids by topic, null where there are too many to list. */
export interface ChangeNotice {
  shipments?: number[] | null;
  stock?: number[] | null;
  positions?: number[] | null;
  devices?: string[] | null;
}

/** Postgres refuses a notice of 8,000 bytes or more. */
const MAX_NOTICE_BYTES = 7_900;

/** One notice a batch (NOTIFY takes a lock at commit), keys only. */
export function notifyChanges(notice: ChangeNotice): Write {
  let payload = JSON.stringify(notice);
  if (Buffer.byteLength(payload) > MAX_NOTICE_BYTES) {
    payload = JSON.stringify(Object.fromEntries(Object.keys(notice).map((topic) => [topic, null])));
  }
  return { name: "notice", sql: "", params: [payload], check: "pg_notify('changes', $1)" };
}
