import type { PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { Reservation } from "./schema.ts";

const RESERVATION = `SELECT r.id, r.order_id, r.line, r.inventory_item_id, i.item_id, t.name, t.sku, i.location_id, r.quantity, t.base_unit AS unit,
    r.expires_at, r.created_at, r.updated_at, r.version
  FROM reservations r JOIN inventory_items i ON i.id = r.inventory_item_id JOIN items t ON t.id = i.item_id`;

export interface ReservationFilter {
  after: number | undefined;
  orderId: number | undefined;
  inventoryItemId: number | undefined;
  limit: number;
}

export async function listReservations(db: Reader, filter: ReservationFilter): Promise<Versioned<Reservation>[]> {
  const conditions = new Conditions()
    .where("r.id > ?", filter.after)
    .where("r.order_id = ?", filter.orderId)
    .where("r.inventory_item_id = ?", filter.inventoryItemId);
  const { rows } = await db.query<Versioned<Reservation>>(
    `${RESERVATION} ${conditions.sql} ORDER BY r.id LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows;
}

/** @throws Problem 404 when there is no such reservation */
export async function getReservation(db: Reader, id: number): Promise<Versioned<Reservation>> {
  const { rows } = await db.query<Versioned<Reservation>>(`${RESERVATION} WHERE r.id = $1`, [id]);
  return found(rows[0], "reservation");
}

/** The pick list that is to pick what a reservation holds; undefined: none. */
export async function pickListOf(client: PoolClient, reservation: Reservation): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT pick_list_id AS id FROM pick_tasks WHERE order_id = $1 AND line = $2 AND inventory_item_id = $3 AND picked + short < quantity LIMIT 1`,
    [reservation.order_id, reservation.line, reservation.inventory_item_id],
  );
  return rows[0]?.id;
}
