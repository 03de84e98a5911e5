import { shortGtins } from "../../../ingest/domain/gs1/gtin.ts";
import type { Reader } from "../../auth/limits.ts";
import { SEARCHED_KINDS } from "./kinds.ts";
import { type Hit, HIT_KINDS, type HitKind, MATCHES } from "./schema.ts";

/** Something that matches; whether the principal may see it is not known yet. */
export interface Candidate {
  kind: HitKind;
  id: string;
  match: Hit["match"];
}

/** A hit as the database tells it. */
type Described = Omit<Hit, "match" | "path">;

/** `search_words` keeps so many characters. */
const MAX_WORDS_LENGTH = 64;
/** The last character of Unicode: what begins with a text sorts before the text and this. */
const LAST = "\u{10FFFF}";

/** Things whose names or codes, or words within them, begin with a text; at most `most` of each kind and way of matching. */
export async function findByWords(db: Reader, q: string, kinds: readonly HitKind[], most: number) {
  const { rows } = await db.query<Candidate>(
    `SELECT k.kind, w.id, CASE WHEN k.later THEN 'word' WHEN w.words = s.first THEN 'exact' ELSE 'beginning' END AS match
    FROM (SELECT left(lower($1), ${MAX_WORDS_LENGTH}) AS first) s,
      (SELECT kind, later FROM unnest($2::text[]) kind, unnest('{false,true}'::boolean[]) later) k,
      LATERAL (SELECT id, words FROM search_words
        WHERE kind = k.kind AND later = k.later AND words >= s.first AND words < s.first || $3
        ORDER BY words, id LIMIT $4) w`,
    [q, kinds, LAST, most],
  );
  return rows;
}

/** Of one kind, what contains a text, among the rows that `db` shows: all of them are read. */
export async function findAmongVisible(db: Reader, q: string, kind: HitKind, most: number): Promise<Candidate[]> {
  const { table, texts } = kindOf(kind);
  const { rows } = await db.query<{ id: string }>(
    `SELECT id::text FROM ${table} WHERE strpos(lower(concat_ws(' ', ${texts.join(", ")})), lower($1)) > 0 LIMIT $2`,
    [q, most],
  );
  return rows.map(({ id }) => ({ kind, id, match: "part" }));
}

/** Shipments with a tag that has this EPC, of now or of before. */
export async function findByEpc(db: Reader, epc: string): Promise<Candidate[]> {
  const { rows } = await db.query<{ shipment: string; unit: string | null }>(
    `SELECT shipment_id::text AS shipment, handling_unit_id::text AS unit FROM shipment_tags WHERE epc = $1
    ORDER BY until DESC NULLS FIRST LIMIT 20`,
    [epc],
  );
  return rows.flatMap(({ shipment, unit }) => [
    exactly("shipment", shipment),
    ...(unit === null ? [] : [exactly("handling_unit", unit)]),
  ]);
}

/** The shipment with this tracking number, and handling units with this SSCC. */
export async function findByNumber(db: Reader, number: string): Promise<Candidate[]> {
  const { rows } = await db.query<{ id: string | null; shipment: string }>(
    `(SELECT NULL AS id, id::text AS shipment FROM shipments WHERE tracking_number = $1)
    UNION ALL (SELECT id::text, shipment_id::text FROM handling_units WHERE sscc = $1 ORDER BY handling_units.id DESC LIMIT 20)`,
    [number],
  );
  return rows.flatMap(({ id, shipment }) => [
    ...(id === null ? [] : [exactly("handling_unit", id)]),
    exactly("shipment", shipment),
  ]);
}

/** Items with this GTIN of 14 digits, in any spelling, of one piece or of a pack. */
export async function findByGtin(db: Reader, gtin: string): Promise<Candidate[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT DISTINCT i.id::text FROM unnest($1::text[]) AS code, LATERAL (
        SELECT id FROM items WHERE sku = code UNION ALL SELECT id FROM items WHERE gtin = code
        UNION ALL SELECT id FROM items WHERE barcode = code
        UNION ALL SELECT id FROM items WHERE packs @> jsonb_build_array(jsonb_build_object('gtin', code))) i LIMIT 20`,
    [shortGtins(gtin)],
  );
  return rows.map(({ id }) => exactly("item", id));
}

/** The piece and the lot that the label of a product names beside its GTIN. */
export async function findPieces(
  db: Reader,
  { gtin, serial, lot }: { gtin: string; serial?: string | null | undefined; lot?: string | undefined },
): Promise<Candidate[]> {
  const { rows } = await db.query<{ kind: HitKind; id: string }>(
    `SELECT 'serial' AS kind, id::text FROM serials WHERE gtin = $1 AND serial = $2
    UNION ALL SELECT 'lot', l.id::text FROM items i JOIN lots l ON l.item_id = i.id AND l.number = $3 WHERE i.gtin = ANY($4::text[])`,
    [gtin, serial ?? null, lot ?? null, shortGtins(gtin)],
  );
  return rows.map(({ kind, id }) => exactly(kind, id));
}

export const exactly = (kind: HitKind, id: string): Candidate => ({ kind, id, match: "exact" });

/** Users and systems, which are few. Only for somebody who may see them all. */
export async function findPeople(db: Reader, q: string, most: number): Promise<(Described & Pick<Hit, "match">)[]> {
  const { rows } = await db.query<Described & Pick<Hit, "match">>(
    `SELECT kind, id, title, detail, CASE WHEN lower(title) = lower($1) OR lower(detail) = lower($1) THEN 'exact'
        WHEN starts_with(lower(title), lower($1)) OR starts_with(lower(detail), lower($1)) THEN 'beginning' ELSE 'part' END AS match
    FROM (SELECT 'user' AS kind, to_jsonb(id) AS id, email AS title, name AS detail FROM users
      UNION ALL SELECT 'api_client', to_jsonb(id), name, client_id FROM api_clients
      UNION ALL SELECT 'service_account', to_jsonb(id), id, name FROM service_accounts) p
    WHERE strpos(lower(concat_ws(' ', title, detail)), lower($1)) > 0 LIMIT $2`,
    [q, most],
  );
  return rows;
}

/** What `db` shows of these candidates. */
export async function describe(db: Reader, candidates: readonly Candidate[]): Promise<Map<string, Described>> {
  const idsOf = (kind: HitKind) => candidates.flatMap((each) => (each.kind === kind ? [each.id] : []));
  const kinds = SEARCHED_KINDS.filter(({ kind }) => idsOf(kind).length > 0);
  const selects = kinds.map(
    ({ kind, table, idType, title, detail }, at) =>
      `SELECT '${kind}' AS kind, to_jsonb(id) AS id, ${title} AS title, ${detail} AS detail, NULL::integer AS shipment_id
      FROM ${table} WHERE id = ANY($${at + 1}::${idType}[])`,
  );
  const parameters: string[][] = kinds.map(({ kind }) => idsOf(kind));
  const units = idsOf("handling_unit");
  if (units.length > 0) {
    parameters.push(units);
    selects.push(`SELECT 'handling_unit', to_jsonb(u.id), s.product_name, 'SSCC ' || u.sscc, s.id
      FROM handling_units u JOIN shipments s ON s.id = u.shipment_id WHERE u.id = ANY($${parameters.length}::integer[])`);
  }
  if (selects.length === 0) return new Map();
  const { rows } = await db.query<Described & { shipment_id: number | null }>(selects.join(" UNION ALL "), parameters);
  return new Map(
    rows.map(({ shipment_id: id, ...row }) => [keyOf(row), id === null ? row : { ...row, shipment_id: id }]),
  );
}

export const keyOf = ({ kind, id }: { kind: HitKind; id: string | number }): string => `${kind} ${id}`;

/** Best first: by how well they match, then one of each kind after the other. */
export function ranked<T extends Candidate>(candidates: readonly T[]): T[] {
  const best = new Map<string, T>();
  for (const each of candidates) {
    const known = best.get(keyOf(each));
    if (known === undefined || rank(each) < rank(known)) best.set(keyOf(each), each);
  }
  const places = new Map<string, number>();
  const withPlace = [...best.values()].map((each) => {
    const group = `${each.match} ${each.kind}`;
    const place = places.get(group) ?? 0;
    places.set(group, place + 1);
    return { each, place };
  });
  return withPlace
    .toSorted(
      (a, b) =>
        rank(a.each) - rank(b.each) ||
        a.place - b.place ||
        HIT_KINDS.indexOf(a.each.kind) - HIT_KINDS.indexOf(b.each.kind),
    )
    .map(({ each }) => each);
}

const rank = ({ match }: Candidate): number => MATCHES.indexOf(match);

function kindOf(kind: HitKind) {
  const found = SEARCHED_KINDS.find((each) => each.kind === kind);
  if (found === undefined) throw new Error(`${kind} is not searched by its words`);
  return found;
}
