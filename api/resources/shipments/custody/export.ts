import { createHash } from "node:crypto";
import type { Pool } from "pg";
import type { Reader } from "../../../auth/limits.ts";
import type { Tokens } from "../../../auth/tokens.ts";
import { findCustodyEnd, listCustody, namesOfHolders, type StoredEntry } from "./queries.ts";
import type { CustodyCheck, CustodyEntry } from "./schema.ts";

/** Names the form of an export: docs/verify-custody.mjs knows it. */
export const EXPORT_FORMAT = "waystock-custody-1";
const EXPORT_TYPE = "custody+jws";
/** Entries that are read together. */
const PAGE_SIZE = 1_000;

export function entryOf({ content, prevHash, hash }: StoredEntry): CustodyEntry {
  return { ...(JSON.parse(content) as Omit<CustodyEntry, "prev_hash" | "hash">), prev_hash: prevHash, hash };
}

async function readAll(db: Reader, shipmentId: number): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for (;;) {
    const page = await listCustody(db, shipmentId, entries.at(-1)?.position ?? 0, PAGE_SIZE);
    entries.push(...page);
    if (page.length < PAGE_SIZE) return entries;
  }
}

/** The whole log as a JSON Web Signature (RFC 7515, compact), under a key of `/.well-known/jwks.json`. */
export async function signedCustody(
  db: Reader,
  { tokens, issuer }: { tokens: Tokens; issuer: string },
  shipment: { id: number; tracking_number: string; product_name: string; quantity: number },
): Promise<string> {
  const entries = (await readAll(db, shipment.id)).map(entryOf);
  const holders = entries.flatMap(({ from, to }) => [from, to]);
  const ids = (name: "location_id" | "vehicle_id") => [...new Set(holders.flatMap((holder) => holder?.[name] ?? []))];
  const { id, tracking_number, product_name, quantity } = shipment;
  const document = {
    format: EXPORT_FORMAT,
    issuer,
    exported_at: new Date(Date.now()).toISOString(),
    shipment: { id, tracking_number, product_name, quantity },
    entries,
    names: await namesOfHolders(db, ids("location_id"), ids("vehicle_id")),
  };
  return tokens.signDocument(Buffer.from(JSON.stringify(document), "utf8"), EXPORT_TYPE);
}

/** Compares the log with the chain of its hashes, and its end with what ingest has noted of it. */
export async function checkCustody(pool: Pool, shipmentId: number): Promise<CustodyCheck> {
  // The end first: entries that are added meanwhile lie behind it.
  const end = await findCustodyEnd(pool, shipmentId);
  const entries = await readAll(pool, shipmentId);
  let before = "";
  for (const [index, { position, content, prevHash, hash }] of entries.entries()) {
    const isNext = position === index + 1 && prevHash === before;
    if (!isNext || hash !== sha256(`${before}\n${content}`)) return broken(entries, index + 1);
    before = hash;
  }
  const last = end === undefined || end.position === 0 ? undefined : entries[end.position - 1];
  if (end !== undefined && end.position > 0 && last?.hash !== end.hash) return broken(entries, entries.length + 1);
  return { intact: true, entries: entries.length, broken_position: null, last_hash: before === "" ? null : before };
}

const broken = (entries: readonly StoredEntry[], position: number): CustodyCheck => ({
  intact: false,
  entries: entries.length,
  broken_position: position,
  last_hash: entries.at(-1)?.hash ?? null,
});

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");
