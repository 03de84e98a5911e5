import type { PoolClient } from "pg";
import { checkDigit, hasValidCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { shortGtins } from "../../../ingest/domain/gs1/gtin.ts";
import { invalid, Problem } from "../../http/problem.ts";

/** The codes of an item, as far as a request gives them. */
interface ItemCodes {
  sku?: unknown;
  gtin?: unknown;
  barcode?: unknown;
  packs?: unknown;
}

interface Code {
  pointer: string;
  code: string;
}

/**
 * One code names one product: GTIN-8, -12, -13 and -14 of the same number are one key, whether they stand in `gtin`,
 * `barcode`, `sku` or a pack.
 * @throws Problem 400 when a GTIN has a wrong check digit, 409 when a code is that of another item
 */
export async function checkItemCodes(client: PoolClient, itemId: number | null, change: ItemCodes): Promise<void> {
  const codes = codesOf(change);
  if (codes.length === 0) return;
  // Two requests at once must not both find the code free.
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock item codes'))");
  for (const { pointer, code } of codes) {
    const owner = await findOwner(client, itemId, spellingsOf(code));
    if (owner === undefined) continue;
    const detail = `${code} is a code of item ${owner.id} (${owner.sku}) already`;
    throw new Problem(409, detail, { errors: [{ pointer, message: detail }] });
  }
}

function codesOf({ sku, gtin, barcode, packs }: ItemCodes): Code[] {
  const codes: Code[] = [];
  const add = (pointer: string, code: unknown) => {
    if (typeof code === "string") codes.push({ pointer, code });
  };
  add("/sku", sku);
  addGtin("/gtin", gtin);
  add("/barcode", barcode);
  if (Array.isArray(packs)) {
    for (const [at, pack] of packs.entries()) addGtin(`/packs/${at}/gtin`, (pack as { gtin?: unknown }).gtin);
  }
  return codes;

  function addGtin(pointer: string, code: unknown): void {
    if (typeof code === "string" && !hasValidCheckDigit(code)) {
      throw invalid(pointer, `the check digit of ${code} is wrong: ${rightDigit(code)}`);
    }
    add(pointer, code);
  }
}

const rightDigit = (gtin: string): string =>
  /^\d{2,}$/.test(gtin) ? `${checkDigit(gtin.slice(0, -1))} would be right` : "a GTIN consists of digits";

/** All forms in which the code may be stored or printed. */
function spellingsOf(code: string): string[] {
  const isGtin = /^(?:\d{8}|\d{12,14})$/.test(code) && hasValidCheckDigit(code);
  return isGtin ? shortGtins(code.padStart(14, "0")) : [code];
}

async function findOwner(
  client: PoolClient,
  itemId: number | null,
  spellings: readonly string[],
): Promise<{ id: number; sku: string } | undefined> {
  const { rows } = await client.query<{ id: number; sku: string }>(
    `SELECT id, sku FROM items i WHERE id IS DISTINCT FROM $1::int AND (sku = ANY($2::text[]) OR gtin = ANY($2::text[]) OR barcode = ANY($2::text[])
      OR EXISTS (SELECT FROM unnest($2::text[]) AS code WHERE i.packs @> jsonb_build_array(jsonb_build_object('gtin', code))))
    ORDER BY id LIMIT 1`,
    [itemId, spellings],
  );
  return rows[0];
}
