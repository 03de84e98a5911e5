import { createHmac } from "node:crypto";
import type { Pool } from "pg";
import { retryAfterMs } from "../../../../ingest/domain/notification/retry.ts";
import { readerOf } from "../../../auth/limits.ts";
import { epcisSubscriptionContext } from "../../../auth/seal-stored.ts";
import type { Sealer } from "../../../auth/sealing.ts";
import type { Answer } from "../../channels/channel.ts";
import { post } from "../../channels/post.ts";
import { findRecorded } from "../query/find-events.ts";
import { queryOfJson } from "../query/parse-query.ts";
import { AS_SENT, queryDocument } from "../query/query-document.ts";
import type { ClaimedSubscription, DeliveryOutcome } from "./deliveries.ts";
import { nextRun, type Schedule } from "./schedule.ts";

export interface SubscriptionDelivery {
  pool: Pool;
  sealer: Sealer;
  allowedHosts: readonly string[];
}

/** Of the standards that documents are in. */
const VERSIONS = { "GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0" } as const;
/** RFC 9110 §15.5.14: the receiver takes less at once (GS1's OpenAPI document, callback of a subscription). */
const CONTENT_TOO_LARGE = 413;

/**
 * `GS1-Signature`: HMAC with SHA-256 over the bytes of the body, its key the `signatureToken` in UTF-8, in base64. GS1 leaves the kind of
 * signature to the implementation.
 */
export const signatureOf = (token: Buffer, body: string): string =>
  createHmac("sha256", token).update(body, "utf8").digest("base64");

/** Sends the next document of a subscription, if there is anything to tell. @returns what became of it */
export async function deliverNext(
  { pool, sealer, allowedHosts }: SubscriptionDelivery,
  subscription: ClaimedSubscription,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const { id, queryName, query, owner, position, until, batchSize, schedule, reportIfEmpty, runReported } =
    subscription;
  const reader = readerOf(pool, { kind: owner.kind, id: owner.id, limits: owner });
  const window = { from: position, to: until, limit: batchSize };
  const events = await findRecorded(reader, queryOfJson(query), window);
  const reached = events.length < batchSize ? until : events.at(-1)!.position;
  const dueMs = schedule !== null && reached === until ? nextDue(schedule) : undefined;
  if (events.length === 0 && !(schedule !== null && reportIfEmpty && !runReported))
    return { done: true, position: reached, response: undefined, dueMs };
  const body = queryDocument({ queryName, subscriptionId: id, events, spelling: AS_SENT });
  const headers = headersOf(subscription, body, sealer);
  if (headers === undefined)
    return failed(subscription, { accepted: false, response: "the key that opens its signatureToken is not here" });
  const answer = await post(subscription.dest, body, { headers, signal, allowedHosts });
  if (answer.accepted) return { done: true, position: reached, response: answer.response, dueMs };
  return failed(subscription, answer);
}

/** A schedule that has come true once comes true again, or never: then it waits for good. */
const NEVER_MS = Date.UTC(9999, 0);
const nextDue = (schedule: Schedule): number => nextRun(schedule, Date.now()) ?? NEVER_MS;

function headersOf(
  { id, token, minRecordTime }: ClaimedSubscription,
  body: string,
  sealer: Sealer,
): Record<string, string> | undefined {
  const headers = { ...VERSIONS, "GS1-Query-Min-Record-Time": minRecordTime.toISOString() };
  if (token.plain === null && token.sealed === null) return headers;
  const key = sealer.read(token, epcisSubscriptionContext(id));
  return key && { ...headers, "GS1-Signature": signatureOf(key, body) };
}

/** It is tried again for ever, at longer and longer intervals: the repository keeps what it has missed. */
function failed(
  { attempts, batchSize }: ClaimedSubscription,
  { response, isFinal, status, retryMs: askedMs }: Answer & { accepted: false },
): DeliveryOutcome {
  if (isFinal === true) return { ended: true, response };
  if (status === CONTENT_TOO_LARGE && batchSize > 1)
    return { done: false, response, retryMs: 0, batchSize: Math.floor(batchSize / 2) };
  const retryMs = retryAfterMs({ attempts: attempts + 1, waitingMs: 0, askedMs }, Math.random())!;
  return { done: false, response, retryMs };
}
