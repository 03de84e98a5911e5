import type { PoolClient } from "pg";
import type { ErpOrder } from "../adapter.ts";
import type { Connection } from "../connections.ts";
import { type ErpDocument, findByKey, keepPulled } from "../documents.ts";
import type { LinkedLine, OrderContent, ReportedOrder } from "../order-content.ts";
import type { Applied } from "./master-data.ts";

/**
 * An order there that was placed here: its key says so, also when a pass was cut off before the platform had heard that it was made. It
 * becomes no second order here.
 * @returns undefined when it is followed like any other order of the ERP
 */
export async function applyOwnOrder(
  client: PoolClient,
  connection: Connection,
  record: ErpOrder,
  known: ErpDocument | undefined,
): Promise<Applied | undefined> {
  if (record.key === null || !record.key.startsWith(`${connection.key}-`)) return undefined;
  const own = await findByKey<ReportedOrder>(client, connection.id, record.key);
  if (own?.state !== "sent" || own.localId === null) {
    // It is being made or taken back: who does so says what has become of it.
    return { localId: null, content: known?.content ?? { state: record.state, lines: [] }, clashes: [] };
  }
  if (known !== undefined && known.localId !== null) return undefined;
  // It was put as a file, and the table has it under a number of its own.
  await client.query(
    "DELETE FROM erp_documents WHERE connection_id = $1 AND direction = 'in' AND kind = $2 AND local_id = $3 AND external_id <> $4",
    [connection.id, own.kind, own.localId, record.id],
  );
  return { localId: own.localId, content: contentOf(own.content, record), clashes: [] };
}

/** Notes what an order that was made there is: its goods are told by its lines from now on. */
export async function linkOwnOrder(
  client: PoolClient,
  connectionId: number,
  { kind, localId, content }: ErpDocument,
  { id, number, order }: { id: string; number: string; order: ErpOrder | undefined },
): Promise<void> {
  const told = content as unknown as ReportedOrder;
  await keepPulled(client, connectionId, {
    kind: kind as "sale" | "purchase",
    externalId: id,
    number,
    localId,
    state: "linked",
    content: contentOf(told, order),
  });
  // Goods of it may have gone or come before.
  await client.query(
    `INSERT INTO erp_changes (connection_id, kind, record_id) SELECT $1::int, 'order', $2::bigint
    UNION ALL SELECT $1::int, 'shipment', s.id FROM shipments s WHERE s.order_id = $2::bigint ON CONFLICT DO NOTHING`,
    [connectionId, localId],
  );
}

/** What both sides have of it: what was told, with the ids of their lines. What they have beside it comes as a change of theirs. */
function contentOf({ lines, partnerId, warehouseId }: ReportedOrder, order: ErpOrder | undefined): OrderContent {
  const left = [...(order?.lines ?? [])];
  const linked = lines.map((line): LinkedLine => {
    const at = left.findIndex(({ itemId }) => itemId === line.itemId);
    const [there] = at < 0 ? [] : left.splice(at, 1);
    return { ...line, lineId: there?.id ?? String(line.line) };
  });
  return { state: "open", partnerId, warehouseId, lines: linked };
}
