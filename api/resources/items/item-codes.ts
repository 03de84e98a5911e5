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

/** A change of an item; `id: null`: a new one. */
interface CodeChange {
  id: number | null;
  change: ItemCodes;
}

/**
 * One code names one product: GTIN-8, -12, -13 and -14 of the same number are one key, whether they stand in `gtin`,
 * `barcode`, `sku` or a pack.
 * @returns for each change undefined, or a Problem: 400 when a GTIN has a wrong check digit, 409 when a code is that of another item
 */
export async function checkItemCodes(
  client: PoolClient,
  changes: readonly CodeChange[],
): Promise<(Problem | undefined)[]> {
  const read = changes.map(({ change }) => readCodes(change));
  const spellings = read.flatMap((codes) =>
    codes instanceof Problem ? [] : codes.flatMap(({ code }) => spellingsOf(code)),
  );
  if (spellings.length === 0) return read.map((codes) => (codes instanceof Problem ? codes : undefined));
  // Two requests at once must not both find a code free.
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock item codes'))");
  const owners = await findOwners(client, spellings);
  return read.map((codes, at) => (codes instanceof Problem ? codes : conflictOf(codes, changes[at]!.id, owners)));
}

interface Owner {
  id: number;
  sku: string;
}

function conflictOf(
  codes: readonly Code[],
  itemId: number | null,
  owners: ReadonlyMap<string, readonly Owner[]>,
): Problem | undefined {
  for (const { pointer, code } of codes) {
    const others = spellingsOf(code).flatMap((each) => owners.get(each) ?? []);
    const [owner] = others.filter(({ id }) => id !== itemId).toSorted((a, b) => a.id - b.id);
    if (owner === undefined) continue;
    const detail = `${code} is a code of item ${owner.id} (${owner.sku}) already`;
    return new Problem(409, detail, { errors: [{ pointer, message: detail }] });
  }
  return undefined;
}

/** The codes of a change, or what is wrong with one of them. */
function readCodes(change: ItemCodes): Code[] | Problem {
  try {
    return codesOf(change);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
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

/** What packs may have as a GTIN. */
const PACK_CODE = /^\d{8,14}$/;

/** Whose codes these are, by code. */
async function findOwners(client: PoolClient, codes: readonly string[]): Promise<Map<string, Owner[]>> {
  const { rows } = await client.query<Owner & { code: string }>(
    `SELECT id, sku, sku AS code FROM items WHERE sku = ANY($1::text[])
    UNION ALL SELECT id, sku, gtin FROM items WHERE gtin = ANY($1::text[])
    UNION ALL SELECT id, sku, barcode FROM items WHERE barcode = ANY($1::text[])
    UNION ALL SELECT i.id, i.sku, c.code FROM unnest($2::text[]) AS c (code)
      JOIN items i ON i.packs @> jsonb_build_array(jsonb_build_object('gtin', c.code))`,
    [codes, codes.filter((code) => PACK_CODE.test(code))],
  );
  const owners = new Map<string, Owner[]>();
  for (const { code, ...owner } of rows) owners.set(code, [...(owners.get(code) ?? []), owner]);
  return owners;
}
