import type { Pool, PoolClient } from "pg";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import type { ErpOrder, Made, Outgoing } from "./adapter.ts";
import { linkOwnOrder } from "./apply/own-orders.ts";
import { closeConflicts, openConflict } from "./conflicts.ts";
import { type ErpDocument, nextToSend } from "./documents.ts";
import { ErpError } from "./erp-error.ts";
import type { ReportedGoods } from "./plan/goods.ts";
import type { Pass } from "./pass-tools.ts";

/**
 * Makes what is planned, and takes back what is not so any longer, one after the other. The ERP is asked for the key of a document
 * before it makes one: between its commit and ours a kill changes nothing but that it is asked again.
 */
export async function sendAll(pass: Pass): Promise<void> {
  const { pool, connection, stopping } = pass;
  for (let after = 0; !stopping.aborted;) {
    const document = await nextToSend(pool, connection.id, after);
    if (document === undefined) return;
    if (document.state === "waiting") after = document.id;
    await sendOne(pass, document);
  }
}

async function sendOne(pass: Pass, document: ErpDocument): Promise<void> {
  const { pool, adapter } = pass;
  const { rowCount } = await noteAttempt(pool, document);
  // It was taken back, or is not wanted any longer, since it was read.
  if (rowCount === 0) return;
  const outgoing = { key: document.key!, kind: document.kind, content: document.content } as unknown as Outgoing;
  const isReversal = document.state === "reversing";
  try {
    let made: Made | undefined;
    if (isReversal) await adapter.reverse(outgoing);
    else made = await adapter.send(outgoing);
    await recordDone(pass, document, made, made && (await orderThere(pass, document, made)));
  } catch (error) {
    if (!(error instanceof ErpError) || error.fault !== "refused") throw error;
    await recordRefused(pass, document, error.message);
  }
}

/** What the ERP has made of an order of ours: its lines have ids there. */
async function orderThere({ adapter }: Pass, { kind }: ErpDocument, { id }: Made): Promise<ErpOrder | undefined> {
  if (kind !== "sale" && kind !== "purchase") return undefined;
  return (await adapter.read(kind, id)) as ErpOrder | undefined;
}

/** From then on it may be there: taking it back has to look. */
const noteAttempt = (pool: Pool, { id, state }: ErpDocument) =>
  pool.query("UPDATE erp_documents SET attempts = attempts + 1, updated_at = now() WHERE id = $1 AND state = $2", [
    id,
    state,
  ]);

async function recordDone(
  { pool, connection, owned }: Pass,
  document: ErpDocument,
  made: Made | undefined,
  order: ErpOrder | undefined,
): Promise<void> {
  await transaction(pool, async (client) => {
    await owned(client);
    const { rows } = await client.query<{ state: string; wasSent: boolean }>(
      `UPDATE erp_documents d SET external_id = coalesce($2, d.external_id), number = coalesce($3, d.number), problem = NULL, updated_at = now(),
        state = CASE d.state WHEN 'reversing' THEN $4 WHEN 'waiting' THEN $4 ELSE d.state END
      FROM (SELECT id, state, external_id FROM erp_documents WHERE id = $1 FOR UPDATE) before
      WHERE d.id = before.id RETURNING before.state, before.external_id IS NOT NULL AS "wasSent"`,
      [document.id, made?.id ?? null, made?.number ?? null, made === undefined ? "reversed" : "sent"],
    );
    const [before] = rows;
    await closeConflicts(client, document.id, ["refused"]);
    if (before === undefined) return;
    // What was never made there has changed nothing there.
    if (made !== undefined && before.state === "waiting") await countTold(client, connection.id, document, 1);
    if (made === undefined && before.wasSent) await countTold(client, connection.id, document, -1);
    if (made !== undefined && document.kind === "item") await linkItem(client, connection.id, document, made);
    const isOrder = document.kind === "sale" || document.kind === "purchase";
    if (made !== undefined && isOrder && before.state === "waiting")
      await linkOwnOrder(client, connection.id, document, { ...made, order });
  });
}

/** Counts what a document of an order has done to the levels there. */
async function countTold(client: PoolClient, connectionId: number, document: ErpDocument, sign: 1 | -1): Promise<void> {
  if (document.kind !== "delivery" && document.kind !== "receipt") return;
  const { lines, warehouseId } = document.content as unknown as ReportedGoods;
  const direction = document.kind === "receipt" ? sign : -sign;
  await client.query(
    `UPDATE erp_levels l SET by_orders = l.by_orders + $4 * s.pieces
    FROM (SELECT item, sum(pieces) AS pieces FROM jsonb_to_recordset($2::jsonb) AS t (item int, pieces int) GROUP BY item) s, erp_connections e,
      jsonb_to_recordset(e.options -> 'warehouses') AS w (external_id text, location_id int)
    WHERE e.id = $1 AND l.connection_id = $1 AND l.item_id = s.item AND w.external_id = $3 AND l.location_id = w.location_id`,
    [connectionId, JSON.stringify(lines), warehouseId, direction],
  );
}

/** An item that was made there is known there from now on; what it was told is what both have. */
async function linkItem(
  client: PoolClient,
  connectionId: number,
  { localId, content }: ErpDocument,
  { id, number }: Made,
): Promise<void> {
  const { name, barcode } = content;
  await client.query(
    `INSERT INTO erp_documents AS d (connection_id, direction, kind, external_id, number, local_id, state, content)
    VALUES ($1, 'in', 'item', $2, $3, $4, 'linked', $5)
    ON CONFLICT (connection_id, kind, external_id) WHERE direction = 'in'
    DO UPDATE SET content = d.content || excluded.content, local_id = excluded.local_id, state = 'linked', updated_at = now()`,
    [connectionId, id, number, localId, JSON.stringify({ name, barcode })],
  );
}

async function recordRefused({ pool, connection, owned }: Pass, document: ErpDocument, problem: string): Promise<void> {
  await transaction(pool, async (client) => {
    await owned(client);
    const { rowCount } = await client.query(
      "UPDATE erp_documents SET state = 'failed', problem = $3, updated_at = now() WHERE id = $1 AND state = $2",
      [document.id, document.state, problem],
    );
    if (rowCount === 0) return;
    const action = document.state === "reversing" ? "taken back" : "made";
    await openConflict(client, connection.id, {
      type: "refused",
      kind: document.kind,
      documentId: document.id,
      localId: document.localId,
      externalId: document.externalId,
      subject: document.key ?? "",
      message: `this ${document.kind} was not ${action}: ${problem}`,
      ours: { content: document.content, reversing: document.state === "reversing" },
      theirs: null,
    });
  });
}
