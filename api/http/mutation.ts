import type { Context } from "hono";
import type { Pool, PoolClient } from "pg";
import { isLimited, keyOfLimits, leaveLimits, withinLimits } from "../auth/limits.ts";
import { slowHash } from "../auth/passwords.ts";
import { type Principal, principalName } from "../auth/principal.ts";
import { sha256 } from "../auth/secrets.ts";
import type { ApiEnv } from "../deps.ts";
import { type AuditedChange, changeBetween, readAudited } from "./audit/changes.ts";
import type { AddAuditEntry } from "./audit/queries.ts";
import { oncePerKey } from "./idempotency/once.ts";
import { type IdempotencyKey, isAnswered } from "./idempotency/queries.ts";
import { invalid } from "./problem.ts";
import type { ApiResponse } from "./response.ts";

interface MutationRequest {
  c: Context<ApiEnv>;
  principal: Principal;
  spec: { route: string; showsSecret?: boolean };
  holdsPassword: boolean;
  bodyText: string;
  /** that the request changes, by its id in the path */
  resource:
    | {
        lock: (client: PoolClient) => Promise<void>;
        read: (client: PoolClient) => Promise<object | undefined>;
      }
    | undefined;
}

/**
 * Runs the work of an endpoint in one transaction with its audit entry and, for a POST with an Idempotency-Key, with the
 * stored response: the three are committed together or not at all.
 * @param prepare what takes long, before the transaction begins; not done for a repeat that only gets its answer
 */
export async function runMutation<Prepared>(
  { pool, addAuditEntry }: { pool: Pool; addAuditEntry: AddAuditEntry },
  { c, principal, spec, bodyText, holdsPassword, resource }: MutationRequest,
  work: (client: PoolClient, prepared: Prepared) => Promise<ApiResponse>,
  prepare?: () => Promise<Prepared>,
): Promise<ApiResponse> {
  const key = await idempotencyKeyOf(c, principal, { bodyText, holdsPassword });
  // A repeat is not checked against what the first request has changed, such as the password that it names.
  const isRepeat = key !== undefined && prepare !== undefined && (await isAnswered(pool, key));
  // Without `prepare` the type of what is prepared is undefined.
  const prepareNow = async () => (await prepare?.()) as Prepared;
  const prepared = isRepeat ? undefined : { value: await prepareNow() };
  const once = oncePerKey(pool, key);
  const { response } = await once(async (client) => {
    const { before, response, after } = await withinLimits(client, principal, async () => {
      await resource?.lock(client);
      const before = resource && (await readAudited(() => resource.read(client)));
      const response = await work(client, (prepared ?? { value: await prepareNow() }).value);
      await leaveLimits(client);
      const after = resource && (await readAudited(() => resource.read(client)));
      return { before, response, after };
    });
    await addAuditEntry(client, {
      actor: principalName(principal),
      action: spec.route,
      subject: c.req.path,
      outcome: "done",
      detail: {
        request_id: c.get("requestId"),
        ...(resource ? changeBetween(before, after) : createdBy(response, spec.showsSecret)),
      },
    });
    const holdsSecret = spec.showsSecret === true && response.holdsNoSecret !== true;
    return { response, effect: undefined, holdsSecret };
  });
  return response;
}

/** What a request without a resource of its own has made; nothing of a body that holds a secret. */
function createdBy({ body, made }: ApiResponse, showsSecret: boolean | undefined): AuditedChange {
  const resource = made ?? (showsSecret === true ? undefined : body);
  const isResource = typeof resource === "object" && resource !== null && !Array.isArray(resource);
  return isResource ? changeBetween(undefined, resource) : {};
}

/**
 * The Idempotency-Key of a POST, with what tells a repeat of it from another request.
 * @param bodyText the body, or a hash of one that is not held in memory
 * @throws Problem 400 for a key that is too long
 */
export async function idempotencyKeyOf(
  c: Context<ApiEnv>,
  principal: Principal,
  { bodyText, holdsPassword }: Pick<MutationRequest, "bodyText" | "holdsPassword">,
): Promise<IdempotencyKey | undefined> {
  const key = c.req.method === "POST" ? c.req.header("Idempotency-Key") : undefined;
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > 255) throw invalid("", "Idempotency-Key must have 1 to 255 characters");
  const name = principalName(principal);
  const content = `${c.req.method} ${targetOf(c.req.url)}\n${bodyText}`;
  // Passwords can be guessed: what is kept of one must be slow to try.
  const requestSha256 = holdsPassword ? await slowHash(content, `${name} ${key}`) : sha256(content);
  return { principal: name, key, requestSha256, rights: rightsOf(principal), isLimited: isLimited(principal.limits) };
}

/** What decides what a principal may see. */
const rightsOf = ({ role, limits }: Principal): string => `${role} ${keyOfLimits(limits)}`;

/** The path and query of a request: a repeat may come by another host name or scheme. */
function targetOf(requestUrl: string): string {
  const { pathname, search } = new URL(requestUrl);
  return `${pathname}${search}`;
}
