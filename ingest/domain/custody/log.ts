import { driverKey } from "./drivers.ts";
import type { CustodyContent, Milestone } from "./milestones.ts";

/*
 * The custody log is append-only. What it says in all are its *tellings*: the newest entry of each event. When a late fact, a void or
 * any other fold changes what happened, new entries bring the tellings to the milestones of the fold:
 *
 * 1. a milestone that was never told is `recorded`;
 * 2. one that was told otherwise, or was withdrawn, is `corrected`;
 * 3. what was told and did not happen is `withdrawn`.
 *
 * Entries of 2 and 3 name the first entry of their event. So, whatever the order in which facts become known, the log ends in the
 * same tellings, and who was told something wrong can be told better.
 */

export type EntryKind = "recorded" | "corrected" | "withdrawn";

/** The newest entry of an event. */
export interface Telling {
  key: string;
  firstPosition: number;
  kind: EntryKind;
  content: CustodyContent;
}

export interface NewEntry {
  kind: EntryKind;
  key: string;
  /** undefined: it is the first of its event */
  firstPosition: number | undefined;
  content: CustodyContent;
  /** who drove is all that it tells anew: partners need not hear of it */
  isOfDriver: boolean;
}

/** What an entry states. With other evidence or more confidence the same has happened. */
function statementOf(content: CustodyContent): string {
  const driver = driverKey(content.driver);
  return driver === undefined ? statementWithoutDriver(content) : `${statementWithoutDriver(content)} ${driver}`;
}

function statementWithoutDriver(content: CustodyContent): string {
  const { event, at, status, stage, from, to, received_by, outcome, outcome_reason, lines, attachments } = content;
  return JSON.stringify([
    event,
    at,
    status,
    stage,
    from && [from.location_id, from.vehicle_id],
    [to.location_id, to.vehicle_id],
    received_by,
    outcome,
    outcome_reason,
    lines.map(({ line, quantity }) => [line, quantity]),
    attachments.map(({ id, sha256 }) => [id, sha256]),
  ]);
}

/** All that the milestones state, as text: two folds with the same text need no new entry. */
export function statementsOf(milestones: readonly Milestone[]): string {
  return JSON.stringify(milestones.map(({ key, content }) => [key, statementOf(content)]));
}

/** The entries that bring what was told to the milestones: first what did not happen, then in the order of time. */
export function entriesBetween(told: readonly Telling[], milestones: readonly Milestone[]): NewEntry[] {
  const tellings = new Map(told.map((telling) => [telling.key, telling]));
  const keys = new Set(milestones.map(({ key }) => key));
  const withdrawn = told
    .filter(({ key, kind }) => kind !== "withdrawn" && !keys.has(key))
    .map(({ key, firstPosition, content }): NewEntry => ({
      ...{ kind: "withdrawn", key, firstPosition, content },
      isOfDriver: content.event === "driver_changed",
    }));
  const stated = milestones.flatMap(({ key, content }): NewEntry[] => {
    const telling = tellings.get(key);
    const isChange = content.event === "driver_changed";
    if (telling === undefined)
      return [{ kind: "recorded", key, firstPosition: undefined, content, isOfDriver: isChange }];
    const isToldSo = (statement: (of: CustodyContent) => string): boolean =>
      telling.kind !== "withdrawn" && statement(telling.content) === statement(content);
    if (isToldSo(statementOf)) return [];
    const isOfDriver = isChange || isToldSo(statementWithoutDriver);
    return [{ kind: "corrected", key, firstPosition: telling.firstPosition, content, isOfDriver }];
  });
  return [...withdrawn, ...stated];
}

/** Whether an entry tells of a stage or a status, and not of a place or a vehicle alone. */
export function changesStage(content: CustodyContent, before: CustodyContent | undefined): boolean {
  return before === undefined || content.stage !== before.stage || content.status !== before.status;
}
