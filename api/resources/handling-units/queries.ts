import type { Reader } from "../../auth/limits.ts";
import type { PoolClient } from "pg";
import type { Versioned } from "../../http/response.ts";
import type { HandlingUnit } from "./schema.ts";

const HANDLING_UNIT = `SELECT u.id, u.shipment_id, u.sscc, u.epc, p.sscc AS parent, u.contents, u.packed_at, u.unpacked_at,
    u.created_at, u.updated_at, u.version
  FROM handling_units u LEFT JOIN handling_units p ON p.id = u.parent_id`;

export async function listHandlingUnits(
  db: Reader,
  shipmentId: number,
  { after = 0, limit }: { after: number | undefined; limit: number },
): Promise<Versioned<HandlingUnit>[]> {
  const { rows } = await db.query<Versioned<HandlingUnit>>(
    `${HANDLING_UNIT} WHERE u.shipment_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3`,
    [shipmentId, after, limit],
  );
  return rows;
}

export async function findHandlingUnit(db: Reader, id: number): Promise<Versioned<HandlingUnit> | undefined> {
  const { rows } = await db.query<Versioned<HandlingUnit>>(`${HANDLING_UNIT} WHERE u.id = $1`, [id]);
  return rows[0];
}

interface LockedUnit {
  id: number;
  shipment_id: number;
  packed_at: Date | null;
  unpacked_at: Date | null;
}

/**
 * Locks a unit until the end of the transaction, so that it is not unpacked while another unit is packed into it. Of
 * several units that had the SSCC one after the other, the last.
 */
export async function lockUnit(client: PoolClient, sscc: string): Promise<LockedUnit | undefined> {
  const { rows } = await client.query<LockedUnit>(
    `SELECT id, shipment_id, packed_at, unpacked_at FROM handling_units WHERE sscc = $1
    ORDER BY unpacked_at DESC NULLS FIRST, id DESC LIMIT 1 FOR UPDATE`,
    [sscc],
  );
  return rows[0];
}

/** Binds tags to a shipment for the time the unit is packed. @returns false when one of them is bound elsewhere already */
export async function bindUnitTags(
  client: PoolClient,
  { shipmentId, unitId, since }: { shipmentId: number; unitId: number; since: Date | null },
  epcs: readonly string[],
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO shipment_tags AS t (epc, shipment_id, handling_unit_id, since) SELECT epc, $2, $3, $4 FROM unnest($1::text[]) AS e (epc) ORDER BY epc
    ON CONFLICT (epc) WHERE until IS NULL DO UPDATE SET handling_unit_id = excluded.handling_unit_id
      WHERE t.shipment_id = excluded.shipment_id AND t.handling_unit_id IS NULL`,
    [epcs, shipmentId, unitId, since],
  );
  return rowCount === epcs.length;
}

/** Ends the time a unit is packed. @returns false when `at` is not after it was packed */
export async function unpackUnit(client: PoolClient, id: number, at: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE handling_units SET unpacked_at = $2, updated_at = now(), version = version + 1
    WHERE id = $1 AND (packed_at IS NULL OR packed_at < $2)`,
    [id, at],
  );
  return rowCount === 1;
}

/** The shipments a unit's tags speak for at any time: its own, and those of units packed into it. */
export async function shipmentsMovedBy(client: PoolClient, unitId: number): Promise<number[]> {
  const { rows } = await client.query<{ shipment_id: number }>(
    `SELECT DISTINCT shipment_id FROM shipments_of_tags(ARRAY(SELECT epc FROM shipment_tags WHERE handling_unit_id = $1)) ORDER BY 1`,
    [unitId],
  );
  return rows.map(({ shipment_id }) => shipment_id);
}
