import { createStore } from "./store.ts";

/** What is shown though it could not be read again, and why, by who shows it. */
export const failedReads = createStore<ReadonlyMap<object, string>>(new Map());

/** @param why null: it was read, or is shown no longer */
export function noteFailedRead(reader: object, why: string | null): void {
  const before = failedReads.get();
  if (before.get(reader) === (why ?? undefined)) return;
  const next = new Map(before);
  if (why === null) next.delete(reader);
  else next.set(reader, why);
  failedReads.set(next);
}
