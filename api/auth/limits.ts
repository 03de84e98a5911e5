import type { Pool, PoolClient, QueryConfig, QueryResult } from "pg";
import { transaction } from "../../ingest/decisions/record-facts.ts";
import type { Limits, Principal } from "./principal.ts";
import { type Access, ADMINISTRATION, AUDITING, type Permission, permissionsOf, type Role } from "./roles.ts";

/*
 * What a limit means for each resource is SQL: infra/postgres/limits/rules.ts. Here a transaction is put under the limits of
 * its principal; then the names of tables mean what that principal may see. Without limits nothing is asked and nothing
 * changes.
 */

/** Where queries are sent: the pool, a transaction, or what a principal with limits reads by. */
export type Reader = Pick<PoolClient, "query">;

export const isLimited = ({ locationIds, ownerIds }: Limits): boolean => locationIds !== null || ownerIds !== null;

export const haveSameLimits = (a: Limits, b: Limits): boolean => keyOfLimits(a) === keyOfLimits(b);

/** Limits of the same content have the same key. */
export const keyOfLimits = ({ locationIds, ownerIds }: Limits): string => JSON.stringify([locationIds, ownerIds]);

/**
 * Paths that are about the whole installation, whatever the role. A hold concerns a lot wherever it is, what is captured any goods, and what
 * could not be matched is at no place. A table that is imported may name anything.
 */
const WHOLE_INSTALLATION =
  /^\/(?:epcis\/(?:capture|unmatched)|device-profiles|alert-rules|notification-rules|report-schedules|imports|lots\/\{id\}\/(?:hold|release))\b/;

/**
 * Whether an endpoint is about the whole installation: people, systems, the audit. Nothing of that exists for a principal with
 * limits, whatever its role: who could change limits could lift its own.
 */
export const isAboutWholeInstallation = (path: string, access: Access): boolean =>
  access === ADMINISTRATION || access === AUDITING || WHOLE_INSTALLATION.test(path);

/** What a principal may do beside reading, in one word each. */
export const permissionsWithin = (role: Role, limits: Limits): Permission[] =>
  permissionsOf(role).filter(
    (permission) => !isLimited(limits) || (permission !== "audit" && permission !== "administer"),
  );

type Owner = Pick<Principal, "limits" | "kind" | "id">;

/** Transactions that are under limits now. */
const limitedTransactions = new WeakSet<PoolClient>();

/** Whether a transaction is under limits now. */
export const isWithinLimits = (client: PoolClient): boolean => limitedTransactions.has(client);

/** Runs `work` under the limits of a principal, within the caller's transaction. */
export async function withinLimits<T>(client: PoolClient, principal: Owner, work: () => Promise<T>): Promise<T> {
  if (!isLimited(principal.limits)) return work();
  await client.query(`SELECT ${enterCall(principal)}`);
  limitedTransactions.add(client);
  try {
    return await work();
  } finally {
    limitedTransactions.delete(client);
  }
}

/**
 * Ends the limits of a transaction: the request is allowed. What follows concerns the whole, e.g. a fold of all facts of a
 * shipment, and may bring the resource out of the principal's sight.
 */
export async function leaveLimits(client: PoolClient): Promise<void> {
  if (!limitedTransactions.delete(client)) return;
  await client.query("SET LOCAL search_path TO DEFAULT");
}

/** Runs `work` without the limits of the transaction, which go on afterwards: to conclude from what must not be shown. */
export async function beyondLimits<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  if (!limitedTransactions.delete(client)) return work();
  await client.query("SET LOCAL search_path TO DEFAULT");
  const result = await work();
  await client.query("SELECT limited.show()");
  limitedTransactions.add(client);
  return result;
}

/** What a principal reads by: the pool itself without limits, else each query in a transaction of its own under them. */
export function readerOf(pool: Pool, principal: Owner): Reader {
  if (!isLimited(principal.limits)) return pool;
  const begin = `BEGIN READ ONLY; SELECT ${enterCall(principal)}`;
  const query = (text: string | QueryConfig, values?: unknown[]): Promise<QueryResult> =>
    transaction(pool, (client) => client.query(text, values), begin);
  return { query: query as PoolClient["query"] };
}

function enterCall({ limits: { locationIds, ownerIds }, kind, id }: Owner): string {
  const array = (ids: readonly number[] | null): string => (ids === null ? "NULL" : `'{${ids.map(Number).join(",")}}'`);
  const [userId, clientId] = kind === "user" ? [id, "NULL"] : ["NULL", id];
  return `limited.enter(${array(locationIds)}, ${array(ownerIds)}, ${userId}, ${clientId})`;
}
