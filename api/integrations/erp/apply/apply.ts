import type { PoolClient } from "pg";
import { problemFrom } from "../../../http/problem.ts";
import type { ErpRecord } from "../adapter.ts";
import { closeConflicts, openConflict } from "../conflicts.ts";
import type { Connection } from "../connections.ts";
import { type ErpDocument, findPulled, keepPulled } from "../documents.ts";
import { Clash, type ConflictType } from "./clash.ts";
import { type Applied, applyItem, applyLocation, applyPartner } from "./master-data.ts";
import { applyOrder } from "./orders.ts";

/** Conflicts that may go when a document is read again. */
const OF_READING: readonly ConflictType[] = [
  ...([
    "both_changed",
    "duplicate",
    "unknown_unit",
    "unknown_reference",
    "unmapped_warehouse",
    "bad_quantity",
  ] as const),
  ...(["changed_after_shipping", "not_possible", "deleted_there"] as const),
];

/**
 * Brings what is here to what a document of the ERP says, by the policy of docs/decisions/42-erp.md. What cannot be followed changes
 * nothing, and is a conflict that a person decides; it goes by itself when the reason goes.
 */
export async function applyRecord(client: PoolClient, connection: Connection, given: ErpRecord): Promise<void> {
  const record = storable(given);
  const known = await findPulled<Record<string, unknown>>(client, connection.id, record.kind, record.id);
  // A person has said that this version of it is left out.
  if (known?.state === "ignored" && known.content["modified"] === record.modified) return;
  await client.query("SAVEPOINT erp_record");
  let applied: Applied | undefined;
  let clashes: readonly Clash[];
  try {
    applied = await follow(client, connection, record, known);
    ({ clashes } = applied);
  } catch (error) {
    const clash = clashOf(error, record.kind);
    if (clash === undefined) throw error;
    await client.query("ROLLBACK TO SAVEPOINT erp_record");
    clashes = [clash];
  }
  await client.query("RELEASE SAVEPOINT erp_record");
  const documentId = await keepPulled(client, connection.id, {
    kind: record.kind,
    externalId: record.id,
    number: record.number,
    ...(applied === undefined
      ? known?.localId
        ? { localId: known.localId, state: "linked", content: known.content }
        : { localId: null, state: "waiting", content: {} }
      : { localId: applied.localId, state: "linked", content: applied.content }),
  });
  for (const { type, subject, message, ours } of clashes) {
    const about = {
      kind: record.kind,
      documentId,
      localId: applied?.localId ?? known?.localId ?? null,
      externalId: record.id,
    };
    await openConflict(client, connection.id, { ...about, type, subject, message, ours, theirs: record });
  }
  const left = clashes.map(({ type, subject }) => `${type}:${subject}`);
  await closeConflicts(client, documentId, OF_READING, left);
}

function follow(
  client: PoolClient,
  connection: Connection,
  record: ErpRecord,
  known: ErpDocument | undefined,
): Promise<Applied> | Applied {
  switch (record.kind) {
    case "item":
      return applyItem(client, connection, record, known);
    case "location":
      return applyLocation(connection, record);
    case "customer":
    case "supplier":
      return applyPartner(client, connection, record, known);
    case "sale":
    case "purchase":
      return applyOrder(client, connection, record, known);
  }
}

/** What the API would refuse is a conflict. A fault that is ours, or passes, is none: the page is read again. */
function clashOf(error: unknown, kind: ErpRecord["kind"]): Clash | undefined {
  if (error instanceof Clash) return error;
  const problem = problemFrom(error);
  if (problem === undefined || problem.status >= 500) return undefined;
  const message =
    problem.errors[0] === undefined
      ? problem.message
      : `${problem.errors[0].pointer.slice(1)}: ${problem.errors[0].message}`;
  return new Clash(problem.status === 409 && kind === "item" ? "duplicate" : "not_possible", message);
}

/** U+0000, and halves of surrogate pairs. */
// oxlint-disable-next-line eslint/no-control-regex -- it is what is taken out
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** Without characters that Postgres cannot hold. */
const storable = <R>(record: R): R =>
  JSON.parse(
    JSON.stringify(record, (_, value: unknown) => (typeof value === "string" ? value.replace(UNSTORABLE, "") : value)),
  ) as R;
