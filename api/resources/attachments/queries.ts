import type { PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import { found } from "../../http/problem.ts";
import { NOUNS, type Thing } from "../custom-fields/things.ts";
import type { Attachment } from "./schema.ts";

/** The column that says of which thing an attachment is. */
const columnOf = (thing: Thing): string => `${NOUNS[thing]}_id`;

const ATTACHMENT = `SELECT id, name, kind, media_type, size_bytes, encode(sha256, 'hex') AS sha256, added_by, created_at FROM attachments`;

/** @throws Problem 404 when `db` does not show this thing */
export async function assertThing(db: Reader, thing: Thing, id: number): Promise<void> {
  const { rows } = await db.query(`SELECT id FROM ${thing} WHERE id = $1`, [id]);
  found(rows[0], NOUNS[thing]);
}

export async function listAttachments(
  db: Reader,
  thing: Thing,
  { id, after, limit }: { id: number; after: number | undefined; limit: number },
): Promise<Attachment[]> {
  const { rows } = await db.query<Attachment>(
    `${ATTACHMENT} WHERE ${columnOf(thing)} = $1 AND id > $2 ORDER BY id LIMIT $3`,
    [id, after ?? 0, limit],
  );
  return rows;
}

/** @throws Problem 404 when the thing has no such attachment */
export async function getAttachment(
  db: Reader,
  thing: Thing,
  { id, attachment_id: attachmentId }: { id: number; attachment_id: number },
): Promise<Attachment> {
  const { rows } = await db.query<Attachment>(`${ATTACHMENT} WHERE ${columnOf(thing)} = $1 AND id = $2`, [
    id,
    attachmentId,
  ]);
  return found(rows[0], "attachment");
}

/** One change at a time of the attachments of a thing, so that their number is right. @returns how many it has */
export async function lockAttachments(client: PoolClient, thing: Thing, id: number): Promise<number> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock attachments ' || $1), $2)", [thing, id]);
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM attachments WHERE ${columnOf(thing)} = $1`,
    [id],
  );
  return rows[0]!.count;
}

export async function insertAttachment(
  client: PoolClient,
  thing: Thing,
  id: number,
  row: Omit<Attachment, "id" | "created_at">,
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO attachments (${columnOf(thing)}, name, kind, media_type, size_bytes, sha256, added_by)
    VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7) RETURNING id`,
    [id, row.name, row.kind, row.media_type, row.size_bytes, row.sha256, row.added_by],
  );
  return rows[0]!.id;
}

export async function insertPiece(client: PoolClient, id: number, place: number, bytes: Buffer): Promise<void> {
  await client.query({
    name: "api_attachment_piece_added",
    text: "INSERT INTO attachment_pieces (attachment_id, place, bytes) VALUES ($1, $2, $3)",
    values: [id, place, bytes],
  });
}

/** @returns undefined when there is none: the attachment was removed meanwhile */
export async function readPiece(db: Reader, id: number, place: number): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ bytes: Buffer }>({
    name: "api_attachment_piece",
    text: "SELECT bytes FROM attachment_pieces WHERE attachment_id = $1 AND place = $2",
    values: [id, place],
  });
  return rows[0]?.bytes;
}
