import { describeEpc } from "../../../ingest/domain/gs1/describe-epc.ts";
import { shortGtins } from "../../../ingest/domain/gs1/gtin.ts";
import { parseScannedCode } from "../../../ingest/domain/gs1/scanned-code.ts";
import type { Reader } from "../../auth/limits.ts";
import { locationOfCode } from "../labels/label.ts";

/** Whether what was scanned is on the label of a location, as the search finds it: its barcode, or the code of its number. */
export async function isCodeOfLocation(db: Reader, code: string, locationId: number): Promise<boolean> {
  if (locationOfCode(code) === locationId) return true;
  const { rowCount } = await db.query("SELECT FROM locations WHERE id = $1 AND barcode = $2", [
    locationId,
    code.trim(),
  ]);
  return rowCount === 1;
}

/** Whether what was scanned is on the label of an item, or of a pack of it: GTIN, any GS1 code with it, EPC, barcode or SKU. */
export async function isCodeOfItem(db: Reader, code: string, itemId: number): Promise<boolean> {
  const gtin = describeEpc(code, {})?.gtin ?? parseScannedCode(code).gtin;
  const { rowCount } = await db.query(
    `SELECT FROM items i, unnest($2::text[]) AS c (code) WHERE i.id = $1
      AND (i.sku = c.code OR i.gtin = c.code OR i.barcode = c.code OR i.packs @> jsonb_build_array(jsonb_build_object('gtin', c.code))) LIMIT 1`,
    [itemId, [code.trim(), ...(gtin === undefined ? [] : shortGtins(gtin))]],
  );
  return rowCount === 1;
}
