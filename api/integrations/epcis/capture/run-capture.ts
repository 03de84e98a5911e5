import { setImmediate as nextTurn } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { transaction } from "../../../../ingest/decisions/record-facts.ts";
import type { JsonObject } from "../json.ts";
import { appendEpcisEvents, type EpcisOrigin, type NewEpcisEvent } from "../repository/append.ts";
import { eventColumns } from "../repository/event-columns.ts";
import { eventsAt, eventsOf } from "../schema/check-document.ts";
import {
  type CaptureError,
  type CaptureOutcome,
  type ClaimedCapture,
  claimCapture,
  finishCapture,
  lockCapture,
  type LockedCapture,
  postponeCapture,
} from "./captures.ts";
import { memberTexts, valueText } from "./member-texts.ts";
import { ruleProblem } from "./rules.ts";

/** A capture that fails so often for a fault of ours is given up. */
const MAX_ATTEMPTS = 10;
const POSTPONE_MS = 2_000;
/** Errors that are told one by one. */
const MAX_ERRORS = 1_000;
/** Events that are looked at before others have their turn. */
const AT_ONCE = 20;

/**
 * START HERE. Runs the capture that has waited longest. Its events and what became of it are written in one transaction: killed at any moment, a process
 * has written all of it or nothing, and another runs it again.
 * @returns whether there was one
 */
export async function runNextCapture(pool: Pool, onFault: (error: unknown) => void): Promise<boolean> {
  const claimed = await claimCapture(pool);
  if (claimed === undefined) return false;
  try {
    await transaction(pool, async (client) => {
      const capture = await lockCapture(client, claimed);
      if (capture !== undefined) await finishCapture(client, claimed, await capturedBy(client, claimed, capture));
    });
  } catch (error) {
    onFault(error);
    if (claimed.attempts < MAX_ATTEMPTS) await postponeCapture(pool, claimed, POSTPONE_MS);
    else await finishCapture(pool, claimed, GIVEN_UP);
  }
  return true;
}

const GIVEN_UP: CaptureOutcome = {
  success: false,
  added: 0,
  known: 0,
  errors: [
    {
      type: "epcisException:ImplementationException",
      title: "Internal error",
      status: 500,
      detail: "the events could not be written, for a fault of the server; nothing of the document was captured",
    },
  ],
};

/** Writes the events of a document, by its rule for errors. @returns what became of it */
async function capturedBy(
  client: PoolClient,
  { position }: ClaimedCapture,
  { document: text, errorBehaviour, userId, clientId }: LockedCapture,
): Promise<CaptureOutcome> {
  const document = JSON.parse(text) as JsonObject;
  const context = document["@context"] ?? [];
  const path = eventsAt(document);
  const events = eventsOf(document);
  const texts = path.length === 0 ? [text] : memberTexts(text, path);
  const errors: CaptureError[] = [];
  const fail = (at: number, detail: string, of: Partial<CaptureError> = {}): void => {
    errors.push({ ...VALIDATION, detail: `event ${at + 1}: ${detail}`, instance: pointerTo(path, at), ...of });
  };
  const good: (NewEpcisEvent & { at: number })[] = [];
  for (const [at, event] of events.entries()) {
    const columns = eventColumns(event, context);
    const problem = ruleProblem(columns);
    if (problem === undefined) good.push({ at, event, columns, body: texts[at]! });
    else fail(at, problem);
    if (at % AT_ONCE === AT_ONCE - 1) await nextTurn();
  }
  const isAll = errorBehaviour === "rollback";
  if (isAll && errors.length > 0) return { success: false, added: 0, known: 0, errors: told(errors) };

  const contextText = valueText(text, ["@context"]) ?? "[]";
  const origin: EpcisOrigin = { source: "captured", context, contextText, capturePosition: position, userId, clientId };
  await client.query("SAVEPOINT events");
  const appended = await appendEpcisEvents(client, good, origin);
  for (const [nr, { outcome, eventId }] of appended.entries()) {
    if (outcome === "conflict") fail(good[nr]!.at, `another event has the eventID ${eventId}`, CONFLICT);
  }
  if (isAll && errors.length > 0) {
    await client.query("ROLLBACK TO SAVEPOINT events");
    return { success: false, added: 0, known: 0, errors: told(errors) };
  }
  const count = (wanted: string): number => appended.filter(({ outcome }) => outcome === wanted).length;
  return { success: errors.length === 0, added: count("added"), known: count("known"), errors: told(errors) };
}

const VALIDATION = { type: "epcisException:ValidationException", title: "Bad request", status: 400 } as const;
const CONFLICT = { type: "epcisException:ResourceAlreadyExistsException", title: "Conflict", status: 409 } as const;

const pointerTo = (path: readonly string[], at: number): string =>
  path.length === 0 ? "" : `/${[...path, at].join("/")}`;

const told = (errors: readonly CaptureError[]): readonly CaptureError[] =>
  errors.length <= MAX_ERRORS
    ? errors
    : [...errors.slice(0, MAX_ERRORS), { ...VALIDATION, detail: `and ${errors.length - MAX_ERRORS} more` }];
