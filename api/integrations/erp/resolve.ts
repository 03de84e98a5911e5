import type { PoolClient } from "pg";
import type { Principal } from "../../auth/principal.ts";
import { Problem } from "../../http/problem.ts";
import { deleteRow, lockRow, updateRow } from "../../http/rows.ts";
import { findStockAt } from "../../resources/movements/queries.ts";
import { addPosition, recordMovement } from "../../resources/movements/record-movement.ts";
import { cancelOrder } from "../../resources/orders/cancel.ts";
import { getOrder } from "../../resources/orders/queries.ts";
import type { ErpRecord } from "./adapter.ts";
import { applyRecord } from "./apply/apply.ts";
import type { ConflictType } from "./apply/clash.ts";
import { signatureOf } from "./apply/orders.ts";
import type { Connection } from "./connections.ts";
import { planDocument } from "./documents.ts";
import { leaveOwnOrder } from "./plan/orders.ts";

export interface OpenConflict {
  id: number;
  type: ConflictType;
  kind: string;
  document_id: number | null;
  local_id: number | null;
  external_id: string | null;
  subject: string;
  ours: unknown;
  theirs: unknown;
}

interface Resolving {
  client: PoolClient;
  principal: Principal;
  connection: Connection;
  conflict: OpenConflict;
}

type Keep = (resolving: Resolving) => Promise<void>;

/** What a person's word does, by the policy of docs/decisions/42-erp.md. @throws Problem 409 when it cannot be done */
export async function keepSide(resolving: Resolving, keep: "ours" | "theirs"): Promise<void> {
  await (keep === "ours" ? OURS : THEIRS)[resolving.conflict.type](resolving);
}

const content = (client: PoolClient, id: number | null, change: object): Promise<unknown> =>
  client.query("UPDATE erp_documents SET content = content || $2, updated_at = now() WHERE id = $1", [
    id,
    JSON.stringify(change),
  ]);

/** Their value is known and not taken: from now on it is ours that differs. */
const differ: Keep = async ({ client, conflict: { document_id, subject, theirs } }) => {
  await content(client, document_id, { [subject]: theirsOf(theirs, subject) });
};

const takeField: Keep = async ({ client, conflict: { kind, document_id, local_id, subject, theirs } }) => {
  const value = theirsOf(theirs, subject);
  await updateRow(client, kind === "item" ? "items" : "parties", local_id!, { [subject]: value }, [
    "name",
    "barcode",
    "base_unit",
    "email",
    "phone",
  ]);
  await content(client, document_id, { [subject]: value });
};

const theirsOf = (record: unknown, field: string): unknown =>
  (record as Record<string, unknown>)[field === "base_unit" ? "unit" : field] ?? null;

/** This version of it is left out; the next one is looked at. */
const leaveOut: Keep = async ({ client, connection, conflict }) => {
  const { document_id, theirs } = conflict;
  const own = ownOrderOf(conflict);
  if (own !== undefined) return leaveOwnOrder(client, connection, own.kind, own.id);
  const { modified } = (theirs ?? {}) as Partial<ErpRecord>;
  await client.query(
    "UPDATE erp_documents SET state = CASE WHEN local_id IS NULL THEN 'ignored' ELSE state END, content = content || $2, updated_at = now() WHERE id = $1",
    [document_id, JSON.stringify({ modified })],
  );
};

/** The order that was placed here and cannot be made there, if it is about one. */
function ownOrderOf({ document_id, kind, type, local_id }: OpenConflict) {
  if (document_id !== null || local_id === null || type === "not_possible") return undefined;
  return kind === "sale" || kind === "purchase" ? ({ kind, id: local_id } as const) : undefined;
}

/** Tries again to follow it. */
const follow: Keep = async ({ client, connection, conflict }) => {
  // The next pass looks again whether it can be made there.
  if (ownOrderOf(conflict) !== undefined) return;
  if (conflict.document_id === null || conflict.theirs === null)
    throw new Problem(409, "there is no record of the ERP to take over: correct it here, and keep ours");
  await client.query("UPDATE erp_documents SET state = 'waiting' WHERE id = $1 AND state = 'ignored'", [
    conflict.document_id,
  ]);
  await applyRecord(client, connection, conflict.theirs as ErpRecord);
  const { rows } = await client.query<{ message: string }>(
    "SELECT message FROM erp_conflicts WHERE document_id = $1 AND state = 'open'",
    [conflict.document_id],
  );
  if (rows[0] !== undefined) throw new Problem(409, `it still cannot be followed: ${rows[0].message}`);
};

/** The order here stays as it is, whatever they have made of theirs. */
const leaveOrder: Keep = async ({ client, conflict: { document_id, theirs } }) => {
  const { state, lines } = theirs as Parameters<typeof signatureOf>[0];
  await content(client, document_id, { left: signatureOf({ state, lines }) });
};

const cancelRest: Keep = async ({ client, principal, conflict: { local_id, document_id, theirs } }) => {
  const state = (theirs as { state?: string } | null)?.state;
  if (theirs !== null && state !== "cancelled" && state !== "closed")
    throw new Problem(
      409,
      "goods were picked by the lines as they were: cancel the order here, or change it back there",
    );
  await lockRow(client, "orders", local_id!);
  await cancelOrder(client, principal, await getOrder(client, local_id!));
  if (theirs !== null) await content(client, document_id, { state });
};

/** It lives on here alone. An item may then be made there anew. */
const forget: Keep = async ({ client, conflict: { document_id, kind } }) => {
  if (kind !== "item") return;
  await client.query("UPDATE erp_documents SET kind = 'item', local_id = NULL WHERE id = $1", [document_id]);
};

const removeHere: Keep = async (resolving) => {
  const { client, conflict } = resolving;
  if (conflict.kind === "sale" || conflict.kind === "purchase") return cancelRest(resolving);
  await deleteRow(client, conflict.kind === "item" ? "items" : "parties", conflict.local_id!);
};

const levelOf = ({ ours, theirs }: OpenConflict) => {
  const {
    quantity,
    location_id: location,
    item_id: item,
  } = ours as { quantity: number; location_id: number; item_id: number };
  const there = theirs as { quantity: number; warehouse: string };
  return { item, location, warehouse: there.warehouse, delta: quantity - there.quantity };
};

/** The ERP is brought to our level by a movement there. */
const postDifference: Keep = async ({ client, connection, conflict }) => {
  const { item, location, warehouse, delta } = levelOf(conflict);
  const change = {
    itemId: conflict.external_id,
    warehouseId: warehouse,
    delta,
    at: new Date().toISOString(),
    item,
    location,
  };
  const key = `${connection.key}-level-${conflict.id}`;
  await planDocument(client, connection.id, { key, kind: "count", localId: item, content: change });
};

/** Our level is brought to theirs by a movement here, which is not posted: they have it already. */
const takeLevel: Keep = async ({ client, principal, connection, conflict }) => {
  const { item, location, delta } = levelOf(conflict);
  const quantity = -delta;
  if (!Number.isInteger(quantity)) throw new Problem(409, "stock here is counted in whole base units");
  const place = { itemId: item, locationId: location, ownerId: undefined, condition: "good" };
  if ((await findStockAt(client, place)) === undefined)
    await addPosition(client, { item_id: item, location_id: location, condition: "good" });
  const body = { item_id: item, location_id: location, quantity, reason: "found", evidence: `ERP: ${connection.name}` };
  const limit = { share: 1, units: Number.MAX_SAFE_INTEGER };
  await recordMovement(
    client,
    principal,
    { ...body, condition: "good" } as unknown as Parameters<typeof recordMovement>[2],
    limit,
  );
  await client.query(
    "UPDATE erp_levels SET told = told + $4 WHERE connection_id = $1 AND item_id = $2 AND location_id = $3",
    [connection.id, item, location, quantity],
  );
};

const again: Keep = async ({ client, conflict: { document_id, ours } }) => {
  const { reversing } = ours as { reversing: boolean };
  await client.query(
    "UPDATE erp_documents SET state = $2, problem = NULL, updated_at = now() WHERE id = $1 AND state = 'failed'",
    [document_id, reversing ? "reversing" : "waiting"],
  );
};

const giveUp: Keep = async ({ client, conflict: { document_id } }) => {
  await client.query(
    "UPDATE erp_documents SET state = 'ignored', updated_at = now() WHERE id = $1 AND state = 'failed'",
    [document_id],
  );
};

const OURS: Readonly<Record<ConflictType, Keep>> = {
  both_changed: differ,
  deleted_there: forget,
  duplicate: leaveOut,
  unknown_unit: leaveOut,
  unknown_reference: leaveOut,
  unmapped_warehouse: leaveOut,
  bad_quantity: leaveOut,
  changed_after_shipping: leaveOrder,
  level_differs: postDifference,
  refused: again,
  not_possible: leaveOut,
};

const THEIRS: Readonly<Record<ConflictType, Keep>> = {
  both_changed: takeField,
  deleted_there: removeHere,
  duplicate: follow,
  unknown_unit: follow,
  unknown_reference: follow,
  unmapped_warehouse: follow,
  bad_quantity: follow,
  changed_after_shipping: cancelRest,
  level_differs: takeLevel,
  refused: giveUp,
  not_possible: follow,
};
