import type { Subject } from "../../domain/fact.ts";
import { gs1KeysOf } from "../../domain/gs1/epc-keys.ts";
import { unescapeEpc } from "../../domain/gs1/epc-escapes.ts";
import { parsePureIdentity } from "../../domain/gs1/epc-uri.ts";
import type { ReadPiece } from "../../domain/stock/piece-place.ts";
import type { ScannedPiece } from "../../domain/stock/serial-moves.ts";
import { timeOfMs } from "../sql-time.ts";
import type { Write } from "../statement.ts";

/** Where a piece is by its scans; without a state no scan of it holds any more. */
export type ScannedPieceRow = { gtin: string; serial: string } & Partial<ScannedPiece>;

/** A case by its SSCC is no single piece. */
export function scannedPieceOf(subject: Subject, state: ScannedPiece | undefined): ScannedPieceRow[] {
  const [, gtin, serial] = /^serial:(\d{14})\/(.+)$/s.exec(subject) ?? [];
  return gtin === undefined || serial === undefined ? [] : [{ gtin, serial, ...state }];
}

export function writeScannedPieces(rows: readonly ScannedPieceRow[]): Write[] {
  if (rows.length === 0) return [];
  return [
    {
      name: "serials_scanned",
      // A piece whose scans were all withdrawn names no stock position: only its row is known.
      sql: `INSERT INTO serials AS s (item_id, gtin, serial, lot, scanned_state, scanned_location_id, scanned_at)
        SELECT coalesce(i.item_id, k.item_id), t.gtin, t.serial, t.lot, CASE WHEN t."isThere" THEN 'there' WHEN NOT t."isThere" THEN 'picked' END,
          i.location_id, ${timeOfMs("t.at")}
        FROM jsonb_to_recordset($1::jsonb) AS t (gtin text, serial text, "stockId" int, "isThere" boolean, at float8, lot text)
          LEFT JOIN inventory_items i ON i.id = t."stockId" LEFT JOIN serials k ON k.gtin = t.gtin AND k.serial = t.serial
        WHERE i.id IS NOT NULL OR k.id IS NOT NULL ORDER BY t.gtin, t.serial
        ON CONFLICT (gtin, serial) DO UPDATE SET item_id = excluded.item_id, lot = coalesce(excluded.lot, s.lot), scanned_state = excluded.scanned_state,
          scanned_location_id = excluded.scanned_location_id, scanned_at = excluded.scanned_at, updated_at = now(), version = s.version + 1
          WHERE (s.lot, s.scanned_state, s.scanned_location_id, s.scanned_at) IS DISTINCT FROM
            (coalesce(excluded.lot, s.lot), excluded.scanned_state, excluded.scanned_location_id, excluded.scanned_at)`,
      params: [JSON.stringify(rows)],
    },
  ];
}

/** Where a piece is by the reads of its tag. */
export interface ReadPieceRow extends Partial<ReadPiece> {
  epc: string;
  itemId: number;
  gtin: string;
  serial: string;
}

export function readPieceOf(epc: string, itemId: number, piece: ReadPiece | undefined): ReadPieceRow[] {
  const parsed = parsePureIdentity(epc);
  const gtin = parsed && gs1KeysOf(parsed).gtin;
  return !parsed || gtin === undefined ? [] : [{ epc, itemId, gtin, serial: unescapeEpc(parsed.serial), ...piece }];
}

export function writeReadPieces(rows: readonly ReadPieceRow[]): Write[] {
  if (rows.length === 0) return [];
  return [
    {
      name: "serials_read",
      // A tag that was only heard once, somewhere, makes no piece known; one that is known keeps its row.
      sql: `INSERT INTO serials AS s (item_id, gtin, serial, epc, read_state, read_location_id, read_vehicle_id, read_at)
        SELECT DISTINCT ON (t.gtin, t.serial) t."itemId", t.gtin, t.serial, t.epc, t.state, t."locationId", t."vehicleId", ${timeOfMs("t.at")}
        FROM jsonb_to_recordset($1::jsonb) AS t (gtin text, serial text, epc text, "itemId" int, state text, "locationId" int, "vehicleId" int, at float8)
        WHERE t.state IS NOT NULL OR EXISTS (SELECT FROM serials k WHERE k.gtin = t.gtin AND k.serial = t.serial)
        ORDER BY t.gtin, t.serial, t.at DESC NULLS LAST, t.epc
        ON CONFLICT (gtin, serial) DO UPDATE SET epc = excluded.epc, read_state = excluded.read_state,
          read_location_id = excluded.read_location_id, read_vehicle_id = excluded.read_vehicle_id, read_at = excluded.read_at,
          updated_at = now(), version = s.version + 1
          WHERE (s.epc, s.read_state, s.read_location_id, s.read_vehicle_id, s.read_at) IS DISTINCT FROM
            (excluded.epc, excluded.read_state, excluded.read_location_id, excluded.read_vehicle_id, excluded.read_at)`,
      params: [JSON.stringify(rows)],
    },
  ];
}
