import { randomBytes } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import type { Reader } from "../../auth/limits.ts";
import type { KeptSecret, Sealer } from "../../auth/sealing.ts";
import { labelTokenContext } from "../../auth/seal-stored.ts";
import { sha256 } from "../../auth/secrets.ts";
import type { TrackingLink } from "./schema.ts";

/** 128 random bits, as text for an address. */
const newToken = (): string => randomBytes(16).toString("base64url");

/** A link without an end of its own shows so long after its shipment was closed what became of it. */
const SHOWN_AFTER_CLOSING = "30 days";
const LINK = "SELECT id, expires_at, is_label, created_by, created_at FROM tracking_links";

export async function listLinks(
  db: Reader,
  shipmentId: number,
  { after = 0, limit }: { after: number | undefined; limit: number },
): Promise<TrackingLink[]> {
  const { rows } = await db.query<TrackingLink>(`${LINK} WHERE shipment_id = $1 AND id > $2 ORDER BY id LIMIT $3`, [
    shipmentId,
    after,
    limit,
  ]);
  return rows;
}

/** One change at a time of the links of a shipment, so that their number is right. @returns how many it has */
export async function lockLinks(client: PoolClient, shipmentId: number): Promise<number> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock tracking links'), $1)", [shipmentId]);
  const { rows } = await client.query<{ count: number }>(
    "SELECT count(*)::integer AS count FROM tracking_links WHERE shipment_id = $1",
    [shipmentId],
  );
  return rows[0]!.count;
}

/** Makes a link. Only the hash of its token is kept. */
export async function addLink(
  client: PoolClient,
  shipmentId: number,
  { expiresAt, createdBy }: { expiresAt: Date | null; createdBy: string },
): Promise<{ link: TrackingLink; token: string }> {
  const token = newToken();
  const { rows } = await client.query<TrackingLink>(
    `INSERT INTO tracking_links (shipment_id, token_sha256, expires_at, created_by) VALUES ($1, $2, $3, $4)
    RETURNING id, expires_at, is_label, created_by, created_at`,
    [shipmentId, sha256(token), expiresAt, createdBy],
  );
  return { link: rows[0]!, token };
}

/** @returns false when this shipment has no such link */
export async function removeLink(client: PoolClient, shipmentId: number, linkId: number): Promise<boolean> {
  const { rowCount } = await client.query("DELETE FROM tracking_links WHERE id = $1 AND shipment_id = $2", [
    linkId,
    shipmentId,
  ]);
  return rowCount === 1;
}

/** Removes all links of a shipment. */
export async function removeLinks(client: PoolClient, shipmentId: number): Promise<void> {
  await client.query("DELETE FROM tracking_links WHERE shipment_id = $1", [shipmentId]);
}

/** The shipment that a token shows now. One that is unknown, revoked or expired shows none, and nobody learns which. */
export async function shipmentOfToken(pool: Pool, token: string): Promise<number | undefined> {
  if (!/^[\w-]{22}$/.test(token)) return undefined;
  const { rows } = await pool.query<{ id: number }>({
    name: "api_tracked_shipment",
    text: `SELECT s.id FROM tracking_links l JOIN shipments s ON s.id = l.shipment_id
      WHERE l.token_sha256 = $1 AND CASE WHEN l.expires_at IS NULL
        THEN s.status NOT IN ('delivered', 'returned', 'cancelled') OR s.updated_at > now() - interval '${SHOWN_AFTER_CLOSING}'
        ELSE l.expires_at > now() END`,
    values: [sha256(token)],
  });
  return rows[0]?.id;
}

/** Whether a shipment, or a unit of it, has this SSCC. */
export async function hasSscc(pool: Pool, shipmentId: number, sscc: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM shipments WHERE id = $1 AND tracking_number = $2
    UNION ALL SELECT FROM handling_units WHERE shipment_id = $1 AND sscc = $2`,
    [shipmentId, sscc],
  );
  return rowCount !== 0;
}

/**
 * The token in the QR code of a shipment's labels: the same for each print, until its link is revoked; then the next print has a new
 * one. It is sealed, because it is needed back.
 */
export async function labelToken(
  pool: Pool,
  sealer: Sealer,
  { shipmentId, createdBy }: { shipmentId: number; createdBy: string },
): Promise<string> {
  const kept = await findLabelLink(pool, shipmentId);
  const token = kept && sealer.read(kept, labelTokenContext(kept.id));
  if (token !== undefined) return token.toString("utf8");
  return transaction(pool, async (client) => {
    await lockLinks(client, shipmentId);
    const now = await findLabelLink(client, shipmentId);
    // Another print may have made it meanwhile. One that is sealed under a key that is lost is replaced.
    const known = now && sealer.read(now, labelTokenContext(now.id));
    if (known !== undefined) return known.toString("utf8");
    if (now) await removeLink(client, shipmentId, now.id);
    const made = newToken();
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO tracking_links (shipment_id, token_sha256, is_label, created_by) VALUES ($1, $2, true, $3) RETURNING id`,
      [shipmentId, sha256(made), createdBy],
    );
    const { id } = rows[0]!;
    const { plain, sealed } = sealer.keep(Buffer.from(made, "utf8"), labelTokenContext(id));
    await client.query("INSERT INTO label_tokens (link_id, token, sealed_token) VALUES ($1, $2, $3)", [
      id,
      plain,
      sealed,
    ]);
    return made;
  });
}

async function findLabelLink(db: Reader, shipmentId: number): Promise<(KeptSecret & { id: number }) | undefined> {
  const { rows } = await db.query<KeptSecret & { id: number }>(
    `SELECT l.id, t.token AS plain, t.sealed_token AS sealed FROM tracking_links l JOIN label_tokens t ON t.link_id = l.id
    WHERE l.shipment_id = $1 AND l.is_label`,
    [shipmentId],
  );
  return rows[0];
}
