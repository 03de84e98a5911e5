import type { Context } from "hono";
import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../../ingest/decisions/record-facts.ts";
import { nameOf, type Principal } from "../auth/principal.ts";
import { sha256 } from "../auth/secrets.ts";
import { addAudit } from "./audit-queries.ts";
import { keepAnswer, type KeptAnswer, type KeyOfRequest, takeKey } from "./idempotency-queries.ts";
import type { ApiEnv } from "../deps.ts";
import { invalid, Problem } from "./problem.ts";
import type { Reply } from "./response.ts";

interface ChangeRequest {
  c: Context<ApiEnv>;
  principal: Principal;
  spec: { route: string; showsSecret?: boolean };
  bodyText: string;
}

/**
 * Runs a change in one transaction with its audit entry and, for a POST with an Idempotency-Key, with the answer that a
 * repeat will get: none of the three can be there without the others.
 */
export function commitChange(
  pool: Pool,
  { c, principal, spec, bodyText }: ChangeRequest,
  work: (client: PoolClient) => Promise<Reply>,
): Promise<Reply> {
  const request = keyOf(c, principal, bodyText);
  return inTransaction(pool, async (client) => {
    if (request) {
      const kept = await takeKey(client, request);
      if (kept) return repeat(kept, request);
    }
    const reply = await work(client);
    await addAudit(client, {
      actor: nameOf(principal),
      action: spec.route,
      subject: c.req.path,
      outcome: "done",
      detail: { request_id: c.get("requestId") },
    });
    if (request) {
      const { status, body, headers = {} } = reply;
      await keepAnswer(client, request, status, spec.showsSecret === true ? null : { body, headers });
    }
    return reply;
  });
}

function keyOf(c: Context<ApiEnv>, principal: Principal, bodyText: string): KeyOfRequest | undefined {
  const key = c.req.method === "POST" ? c.req.header("Idempotency-Key") : undefined;
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > 255) throw invalid("", "Idempotency-Key must have 1 to 255 characters");
  return { principal: nameOf(principal), key, requestSha256: sha256(`${c.req.method} ${c.req.url}\n${bodyText}`) };
}

function repeat(kept: KeptAnswer, request: KeyOfRequest): Reply {
  if (!kept.request_sha256.equals(request.requestSha256)) {
    throw new Problem(422, "this Idempotency-Key was used for a request with another content");
  }
  if (kept.response === null) {
    throw new Problem(409, "this request was carried out; its answer held a secret, which is shown only once");
  }
  const { body, headers } = kept.response;
  const reply = { status: kept.status as Reply["status"], headers: { ...headers, "Idempotency-Replayed": "true" } };
  return body === undefined ? reply : { ...reply, body };
}
