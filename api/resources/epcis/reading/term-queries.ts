import type { Reader } from "../../../auth/limits.ts";

export type TermKind = "epc" | "eventType" | "bizStep" | "disposition" | "bizLocation" | "readPoint";

/** What events name, in the order of bytes. @param standard those that are there without any event */
export async function listTerms(
  db: Reader,
  {
    kind,
    standard,
    after,
    limit,
  }: { kind: TermKind; standard: readonly string[]; after: string | undefined; limit: number },
): Promise<string[]> {
  const { rows } = await db.query<{ value: string }>({
    name: "epcis_terms",
    // Each part by its index or as a short list, and no more of each than a page has.
    text: `SELECT value FROM (
        (SELECT DISTINCT value FROM epcis_terms WHERE kind = $1 AND ($2::text IS NULL OR value > $2) ORDER BY value LIMIT $3)
        UNION SELECT s COLLATE "C" FROM unnest($4::text[]) AS s WHERE $2::text IS NULL OR s COLLATE "C" > $2
      ) AS listed ORDER BY value COLLATE "C" LIMIT $3`,
    values: [kind, after ?? null, limit, standard],
  });
  return rows.map(({ value }) => value);
}

export async function isTermKnown(db: Reader, kind: TermKind, value: string): Promise<boolean> {
  const { rows } = await db.query({
    name: "epcis_term",
    text: "SELECT FROM epcis_terms WHERE kind = $1 AND value = $2 LIMIT 1",
    values: [kind, value],
  });
  return rows.length > 0;
}
