import type { PoolClient } from "pg";
import { findItem } from "../../../resources/items/queries.ts";
import type { SentItem } from "../adapter.ts";
import type { Connection } from "../connections.ts";
import { findLinked, planDocument, plannedOf } from "../documents.ts";

const FIELDS = ["name", "barcode"] as const;

/** The ERP's name of a unit of ours. */
export function unitThere({ options: { units }, kind }: Connection, ours: string): string {
  const mapped = Object.entries(units).find(([, unit]) => unit === ours)?.[0];
  if (mapped !== undefined) return mapped;
  return ours === "piece" && kind === "erpnext" ? "Nos" : ours;
}

/** Tells of an item that was made here, or whose name or barcode was changed here and not there. */
export async function planItem(client: PoolClient, connection: Connection, itemId: number): Promise<void> {
  const item = await findItem(client, itemId);
  if (item === undefined) return;
  const linked = await findLinked<Record<string, unknown>>(client, connection.id, "item", itemId);
  const agreed: Record<string, unknown> = linked?.content ?? {};
  if (linked !== undefined && FIELDS.every((field) => (agreed[field] ?? null) === item[field])) return;
  // What a person has to decide on is not decided by whoever sends first.
  const { rowCount } = await client.query(
    "SELECT FROM erp_conflicts WHERE document_id = $1 AND state = 'open' AND type = 'both_changed'",
    [linked?.id ?? 0],
  );
  if (rowCount! > 0) return;
  const planned = await plannedOf<SentItem>(client, connection.id, "item", itemId);
  const { sku, name, barcode, base_unit } = item;
  const last = planned.at(-1);
  if (last?.content.name === name && last.content.barcode === barcode) return;
  const content: SentItem = {
    itemId: linked?.externalId ?? undefined,
    sku,
    name,
    barcode,
    unit: unitThere(connection, base_unit),
  };
  const key = `${connection.key}-item-${itemId}-${planned.length + 1}`;
  await planDocument(client, connection.id, { key, kind: "item", localId: itemId, content });
}
