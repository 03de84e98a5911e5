import type { Unreported } from "./custody-events.ts";
import type { EpcisEvent } from "./event.ts";

/** What has been told of one thing, as it stands: the events of its newest telling. */
export interface Telling {
  /** how often it has been told */
  revision: number;
  /** empty: it was taken back */
  events: readonly EpcisEvent[];
}

/**
 * The events that bring what was told to what is known now. Events are never changed: what was told wrongly is told again with the
 * declaration that it was wrong, which names the right events; after it come these (EPCIS 2.0 §7.4.1.2).
 * @param now empty: it did not happen
 * @param idOf names an event: the n-th of a revision
 */
export function correctionsOf(
  told: Telling | undefined,
  now: readonly Unreported[],
  declaredAt: Date,
  idOf: (revision: number, index: number) => string,
): { append: EpcisEvent[]; telling: Telling } | undefined {
  const before = told?.events ?? [];
  if (isSame(before, now)) return undefined;
  const revision = (told?.revision ?? 0) + 1;
  const events = now.map((event, index): EpcisEvent => ({ ...event, eventID: idOf(revision, index) }) as EpcisEvent);
  const errorDeclaration = {
    declarationTime: declaredAt.toISOString(),
    reason: events.length === 0 ? "did_not_occur" : "incorrect_data",
    ...(events.length > 0 && { correctiveEventIDs: events.map(({ eventID }) => eventID!) }),
  };
  const declared = before.map((event): EpcisEvent => ({ ...event, errorDeclaration }));
  return { append: [...declared, ...events], telling: { revision, events } };
}

function isSame(before: readonly EpcisEvent[], now: readonly Unreported[]): boolean {
  if (before.length !== now.length) return false;
  return before.every((told, index) => {
    const { eventID: _, ...event } = told;
    return canonical(event) === canonical(now[index]);
  });
}

/** Postgres does not keep the order of keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
