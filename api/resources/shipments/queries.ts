import type { Reader } from "../../auth/limits.ts";
import type { PoolClient } from "pg";
import { microsecondsOf } from "../../http/lists/times.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import { CUSTOM_COLUMNS } from "../custom-fields/fields.ts";
import { ETA, PROMISE } from "./eta-sql.ts";
import { LINES } from "./lines.ts";
import { RISKS } from "./risks.ts";
import type { Shipment } from "./schema.ts";

/** @param more further columns, each after a comma */
export const SHIPMENT = (
  more = "",
): string => `SELECT id, tracking_number, product_name, item_id, quantity, ${LINES}, status, stage, stage_since, location_id, vehicle_id, origin_id,
    destination_id, due_at, priority, value_cents, currency, profiles, conditions, route, reference, order_id, owner_id, attributes, tags, ${PROMISE} AS promise, ${ETA} AS eta, ${RISKS} AS risks,
    created_at, updated_at, version${more}
  FROM shipments`;

export async function findShipment(db: Reader, id: number): Promise<Versioned<Shipment> | undefined> {
  const { rows } = await db.query<Versioned<Shipment>>({
    name: "api_shipment",
    text: `${SHIPMENT()} WHERE id = $1`,
    values: [id],
  });
  return rows[0];
}

/** @throws Problem 404 when there is no such shipment */
export async function getShipment(db: Reader, id: number): Promise<Versioned<Shipment>> {
  return found(await findShipment(db, id), "shipment");
}

export async function findShipments(db: Reader, ids: readonly number[]): Promise<Versioned<Shipment>[]> {
  const { rows } = await db.query<Versioned<Shipment>>({
    name: "api_shipments_by_id",
    text: `${SHIPMENT()} WHERE id = ANY($1::int[]) ORDER BY id`,
    values: [ids],
  });
  return rows;
}

export async function shipmentsChangedSince(
  db: Reader,
  since: Date,
  after: number | undefined,
  limit: number,
): Promise<Versioned<Shipment>[]> {
  const { rows } = await db.query<Versioned<Shipment>>(
    `${SHIPMENT()} WHERE updated_at >= $1 AND id > $2 ORDER BY id LIMIT $3`,
    [since, after ?? 0, limit],
  );
  return rows;
}

export async function nextTrackingSerial(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ serial: number }>("SELECT nextval('tracking_numbers') AS serial");
  return rows[0]!.serial;
}

/** Columns of a shipment that people set directly; the others are the fold of its facts. */
export const DETAIL_COLUMNS = [
  "destination_id",
  "due_at",
  "priority",
  "value_cents",
  "currency",
  "profiles",
  "conditions",
  "route",
  "reference",
  "order_id",
  "owner_id",
  ...CUSTOM_COLUMNS,
] as const;

/** Sets details without raising the version; the fold that follows in the same transaction raises it. */
export async function setShipmentDetails(
  client: PoolClient,
  id: number,
  { names, values }: { names: readonly string[]; values: readonly unknown[] },
): Promise<void> {
  if (names.length === 0) return;
  const assignments = names.map((name, at) => `${name} = $${at + 2}`).join(", ");
  await client.query(`UPDATE shipments SET ${assignments} WHERE id = $1`, [id, ...values]);
}

/**
 * Binds a tag to a shipment.
 * @param since null: reads of any time before are its own too
 * @returns false when it is bound already
 */
export async function bindTag(
  client: PoolClient,
  shipmentId: number,
  epc: string,
  since: Date | null = null,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO shipment_tags (epc, shipment_id, since) VALUES ($1, $2, $3) ON CONFLICT (epc) WHERE until IS NULL DO NOTHING`,
    [epc, shipmentId, since],
  );
  return rowCount === 1;
}

interface BoundTag {
  epc: string;
  bound_at: Date;
  since: Date | null;
  until: Date | null;
  handling_unit_id: number | null;
}

/** Lists tags bound by hand and the EPCs of its handling units, without the other notations of their SSCCs. */
export async function listTags(
  db: Reader,
  shipmentId: number,
  { after, limit }: { after?: readonly [string, string] | undefined; limit?: number } = {},
): Promise<{ key: string; tag: BoundTag }[]> {
  const { rows } = await db.query<BoundTag & { key: string }>(
    `SELECT t.epc, t.bound_at, t.since, t.until, t.handling_unit_id, ${microsecondsOf("t.bound_at")} AS key
    FROM shipment_tags t LEFT JOIN handling_units u ON u.id = t.handling_unit_id
    WHERE t.shipment_id = $1 AND (u.id IS NULL OR u.epc = t.epc)
      AND ($2::timestamptz IS NULL OR (t.bound_at, t.epc) > ($2::timestamptz, $3::text)) ORDER BY t.bound_at, t.epc LIMIT $4`,
    [shipmentId, after?.[0] ?? null, after?.[1] ?? null, limit ?? null],
  );
  return rows.map(({ key, ...tag }) => ({ key, tag }));
}
