import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../../../ingest/decisions/record-facts.ts";
import { Problem } from "../problem.ts";
import type { ApiResponse } from "../response.ts";
import { claimKey, type IdempotencyKey, type StoredResponse, storeResponse } from "./queries.ts";

/** What a request does in its transaction. */
interface Outcome<Effect> {
  response: ApiResponse;
  effect: Effect;
  /** the response is not kept for repeats */
  holdsSecret?: boolean;
}

/** Runs what a request does once for its Idempotency-Key. @returns no effect: the response is that of an earlier request */
export type Once = <Effect>(
  work: (client: PoolClient) => Promise<Outcome<Effect>>,
) => Promise<{ response: ApiResponse; effect?: Effect }>;

/**
 * Makes what runs a request's work in one transaction with the response that is kept for repeats. A repeat waits here for the first
 * request to commit or fail, and gets its response.
 * @throws Problem 422 for another content under this key, 409 when the response may not be shown again
 */
export const oncePerKey =
  (pool: Pool, key: IdempotencyKey | undefined): Once =>
  (work) =>
    inTransaction(pool, async (client) => {
      if (key === undefined) return work(client);
      const stored = await claimKey(client, key);
      if (stored) return { response: replay(stored, key) };
      const { response, effect, holdsSecret = false } = await work(client);
      const { status, body, headers = {} } = response;
      await storeResponse(client, key, status, holdsSecret ? null : { body, headers });
      return { response, effect };
    });

/** The response a repeated request gets. @throws Problem 422 for another content, 409 when the response may not be shown again */
function replay(stored: StoredResponse, request: IdempotencyKey): ApiResponse {
  if (!stored.request_sha256.equals(request.requestSha256)) {
    throw new Problem(422, "this Idempotency-Key was used for a request with different content");
  }
  if (stored.response === null) {
    throw new Problem(
      409,
      "this request was carried out already; its response held a secret, which is shown only once",
    );
  }
  // Of an answer from before the rights were kept nothing is known: it is for those who may see everything.
  const rights = stored.rights ?? (request.isLimited ? undefined : request.rights);
  if (rights !== request.rights) {
    throw new Problem(
      409,
      "this request was carried out already; your role or your limits have changed since, so its response is not shown again",
    );
  }
  const { body, headers } = stored.response;
  const response = {
    status: stored.status as ApiResponse["status"],
    headers: { ...headers, "Idempotency-Replayed": "true" },
  };
  return body === undefined ? response : { ...response, body };
}
