import type { Context } from "hono";
import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../../ingest/decisions/record-facts.ts";
import { principalName, type Principal } from "../auth/principal.ts";
import { sha256 } from "../auth/secrets.ts";
import { addAuditEntry } from "./audit-queries.ts";
import { storeResponse, type StoredResponse, type IdempotencyKey, claimKey } from "./idempotency-queries.ts";
import type { ApiEnv } from "../deps.ts";
import { invalid, Problem } from "./problem.ts";
import type { ApiResponse } from "./response.ts";

interface MutationRequest {
  c: Context<ApiEnv>;
  principal: Principal;
  spec: { route: string; showsSecret?: boolean };
  bodyText: string;
}

/**
 * Runs a change in one transaction with its audit entry and, for a POST with an Idempotency-Key, with the answer that a
 * repeat will get: none of the three can be there without the others.
 */
export function runMutation(
  pool: Pool,
  { c, principal, spec, bodyText }: MutationRequest,
  work: (client: PoolClient) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const request = idempotencyKeyOf(c, principal, bodyText);
  return inTransaction(pool, async (client) => {
    if (request) {
      const kept = await claimKey(client, request);
      if (kept) return replay(kept, request);
    }
    const reply = await work(client);
    await addAuditEntry(client, {
      actor: principalName(principal),
      action: spec.route,
      subject: c.req.path,
      outcome: "done",
      detail: { request_id: c.get("requestId") },
    });
    if (request) {
      const { status, body, headers = {} } = reply;
      await storeResponse(client, request, status, spec.showsSecret === true ? null : { body, headers });
    }
    return reply;
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

function replay(kept: StoredResponse, request: IdempotencyKey): ApiResponse {
  if (!kept.request_sha256.equals(request.requestSha256)) {
    throw new Problem(422, "this Idempotency-Key was used for a request with another content");
  }
  if (kept.response === null) {
    throw new Problem(409, "this request was carried out; its answer held a secret, which is shown only once");
  }
  const { body, headers } = kept.response;
  const reply = {
    status: kept.status as ApiResponse["status"],
    headers: { ...headers, "Idempotency-Replayed": "true" },
  };
  return body === undefined ? reply : { ...reply, body };
}
