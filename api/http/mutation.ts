import type { Context } from "hono";
import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../../ingest/decisions/record-facts.ts";
import { type Principal, principalName } from "../auth/principal.ts";
import { sha256 } from "../auth/secrets.ts";
import type { ApiEnv } from "../deps.ts";
import { addAuditEntry } from "./audit-queries.ts";
import { claimKey, type IdempotencyKey, type StoredResponse, storeResponse } from "./idempotency-queries.ts";
import { invalid, Problem } from "./problem.ts";
import type { ApiResponse } from "./response.ts";

interface MutationRequest {
  c: Context<ApiEnv>;
  principal: Principal;
  spec: { route: string; showsSecret?: boolean };
  bodyText: string;
}

/**
 * Runs the work of an endpoint in one transaction with its audit entry and, for a POST with an Idempotency-Key, with the
 * stored response: the three are committed together or not at all.
 */
export function runMutation(
  pool: Pool,
  { c, principal, spec, bodyText }: MutationRequest,
  work: (client: PoolClient) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const request = idempotencyKeyOf(c, principal, bodyText);
  return inTransaction(pool, async (client) => {
    if (request) {
      const stored = await claimKey(client, request);
      if (stored) return replay(stored, request);
    }
    const response = await work(client);
    await addAuditEntry(client, {
      actor: principalName(principal),
      action: spec.route,
      subject: c.req.path,
      outcome: "done",
      detail: { request_id: c.get("requestId") },
    });
    if (request) {
      const { status, body, headers = {} } = response;
      await storeResponse(client, request, status, spec.showsSecret === true ? null : { body, headers });
    }
    return response;
  });
}

function idempotencyKeyOf(c: Context<ApiEnv>, principal: Principal, bodyText: string): IdempotencyKey | undefined {
  const key = c.req.method === "POST" ? c.req.header("Idempotency-Key") : undefined;
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > 255) throw invalid("", "Idempotency-Key must have 1 to 255 characters");
  return {
    principal: principalName(principal),
    key,
    requestSha256: sha256(`${c.req.method} ${c.req.url}\n${bodyText}`),
  };
}

/** The response a repeated request gets. @throws Problem 422 for another content, 409 when the response was not stored */
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
  const { body, headers } = stored.response;
  const response = {
    status: stored.status as ApiResponse["status"],
    headers: { ...headers, "Idempotency-Replayed": "true" },
  };
  return body === undefined ? response : { ...response, body };
}
