import type { PoolClient } from "pg";
import type { Limits } from "../auth/principal.ts";
import { invalid, Problem, unknownReference } from "./problem.ts";

/** What a party may be to us. */
export const PARTY_ROLES = ["customer", "supplier", "carrier", "owner"] as const;
type PartyRole = (typeof PARTY_ROLES)[number];

/** An id in a body, and where it stands there. */
export interface Reference {
  /** JSON pointer */
  pointer: string;
  id: number | null | undefined;
}

/**
 * Checks ids that no foreign key checks, or whose foreign key could not name their place in the body. The rows are locked
 * against deletion until the end of the transaction. `table` goes into the SQL as it is: never pass text of a client.
 * An id outside of the limits of the transaction's principal does not exist.
 * @throws Problem 400 naming every id that does not exist
 */
export async function assertReferences(
  client: PoolClient,
  table: "items" | "orders" | "locations" | "shipments" | "asset_types",
  references: readonly Reference[],
): Promise<void> {
  await assertRows(client, { from: table, noun: table.slice(0, -1).replace("_", " ") }, references);
}

/** The same for parties: each must have this role. */
export async function assertParties(
  client: PoolClient,
  role: PartyRole,
  references: readonly Reference[],
): Promise<void> {
  const condition = `roles @> '["${role}"]'`;
  await assertRows(client, { from: "parties", noun: role, condition }, references);
}

async function assertRows(
  client: PoolClient,
  { from, noun, condition = "true" }: { from: string; noun: string; condition?: string },
  references: readonly Reference[],
): Promise<void> {
  const given = references.filter(({ id }) => id !== null && id !== undefined);
  if (given.length === 0) return;
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM ${from} WHERE id = ANY($1::int[]) AND ${condition} FOR KEY SHARE`,
    [given.map(({ id }) => id)],
  );
  const known = new Set(rows.map(({ id }) => id));
  const unknown = given.filter(({ id }) => !known.has(id!));
  if (unknown.length === 0) return;
  const message = `there is no ${noun} with this id`;
  throw new Problem(400, message, { errors: unknown.map(({ pointer }) => ({ pointer, message })) });
}

/**
 * The owner of something new, or its new owner: who is limited to one owner need not name it.
 * @throws Problem 400 for an owner outside of the principal's limits, or when it has to name one
 */
export function ownerWithin({ ownerIds }: Limits, ownerId: number | null | undefined): number | null | undefined {
  if (ownerIds === null) return ownerId;
  if (ownerId === undefined && ownerIds.length === 1) return ownerIds[0];
  if (ownerId === undefined || ownerId === null) {
    throw invalid("/owner_id", `name the owner, one of those that you are limited to: ${ownerIds.join(", ")}`);
  }
  if (!ownerIds.includes(ownerId)) throw unknownReference("/owner_id", "owner");
  return ownerId;
}
