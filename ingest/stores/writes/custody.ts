import type { Write } from "../statement.ts";

export interface CustodyRow {
  shipmentId: number;
  position: number;
  firstPosition: number;
  kind: string;
  key: string;
  /** JSON, letter by letter as it was hashed */
  content: string;
  /** hexadecimal digits */
  prevHash: string;
  hash: string;
  /** what the outbox tells of it; null: nothing */
  notice: string | null;
}

export interface CustodyEndRow {
  shipmentId: number;
  position: number;
  hash: string;
  digest: string;
}

/** Adds entries to custody logs, and to the outbox what others must hear of. The versions of the shipments guard their order. */
export function writeCustody(rows: readonly CustodyRow[], ends: readonly CustodyEndRow[]): Write[] {
  const writes: Write[] = [];
  if (rows.length > 0) {
    writes.push({
      name: "custody_added",
      sql: `INSERT INTO custody_entries (shipment_id, position, first_position, kind, event_key, content, prev_hash, hash)
        SELECT "shipmentId", position, "firstPosition", kind, key, content::json, decode("prevHash", 'hex'), decode(hash, 'hex')
        FROM jsonb_to_recordset($1::jsonb) AS t ("shipmentId" int, position int, "firstPosition" int, kind text, key text, content text,
          "prevHash" text, hash text)`,
      params: [JSON.stringify(rows)],
    });
  }
  if (ends.length > 0) {
    writes.push({
      name: "custody_ends_written",
      sql: `INSERT INTO custody_heads AS h (shipment_id, position, hash, digest)
        SELECT "shipmentId", position, decode(hash, 'hex'), digest
        FROM jsonb_to_recordset($1::jsonb) AS t ("shipmentId" int, position int, hash text, digest text) ORDER BY 1
        ON CONFLICT (shipment_id) DO UPDATE SET position = excluded.position, hash = excluded.hash, digest = excluded.digest`,
      params: [JSON.stringify(ends)],
    });
  }
  const told = rows.filter(({ notice }) => notice !== null);
  if (told.length > 0) {
    writes.push({
      name: "left_for_relay",
      sql: `INSERT INTO outbox (event, shipment_id, custody_position)
        SELECT notice, "shipmentId", position FROM jsonb_to_recordset($1::jsonb) AS t (notice text, "shipmentId" int, position int)`,
      params: [JSON.stringify(told.map(({ notice, shipmentId, position }) => ({ notice, shipmentId, position })))],
    });
  }
  return writes;
}
