import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { Serial } from "./schema.ts";

const SERIAL = `SELECT s.id, s.item_id, t.name, t.sku, s.gtin, s.serial, s.lot, l.id AS lot_id, s.epc, s.state, p.id AS location_id,
    s.vehicle_id, s.since, s.created_at, s.updated_at, s.version
  FROM serials s JOIN items t ON t.id = s.item_id LEFT JOIN lots l ON l.item_id = s.item_id AND l.number = s.lot
    LEFT JOIN locations p ON p.id = s.location_id`;

/** @throws Problem 404 when there is no such piece */
export async function getSerial(db: Reader, id: number): Promise<Versioned<Serial>> {
  const { rows } = await db.query<Versioned<Serial>>({
    name: "api_serial",
    text: `${SERIAL} WHERE s.id = $1`,
    values: [id],
  });
  return found(rows[0], "piece");
}

export interface SerialFilter {
  after: number | undefined;
  itemId: number | undefined;
  locationId: number | undefined;
  serial: string | undefined;
  gtin: string | undefined;
  lot: string | undefined;
  state: string | undefined;
  limit: number;
}

export async function listSerials(db: Reader, filter: SerialFilter): Promise<Versioned<Serial>[]> {
  const conditions = new Conditions()
    .where("s.id > ?", filter.after)
    .where("s.item_id = ?", filter.itemId)
    .where("s.location_id = ?", filter.locationId)
    .where("s.serial = ?", filter.serial)
    .where("s.gtin = ?", filter.gtin)
    .where("s.lot = ?", filter.lot)
    .where("s.state = ?", filter.state);
  const { rows } = await db.query<Versioned<Serial>>(
    `${SERIAL} ${conditions.sql} ORDER BY s.id LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows;
}
