import type { PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { Asset, AssetBalance, AssetMovement, AssetType } from "./schema.ts";

const ASSET_TYPE = `SELECT t.id, t.name, t.kind, t.grai, t.value_cents, t.currency,
    (SELECT coalesce(sum(m.quantity), 0)::int FROM asset_movements m WHERE m.asset_type_id = t.id) AS out, t.created_at, t.updated_at, t.version
  FROM asset_types t`;

/** @throws Problem 404 when there is no such type */
export async function getAssetType(db: Reader, id: number): Promise<Versioned<AssetType>> {
  const { rows } = await db.query<Versioned<AssetType>>(`${ASSET_TYPE} WHERE t.id = $1`, [id]);
  return found(rows[0], "asset type");
}

export async function listAssetTypes(db: Reader, after: number | undefined, limit: number) {
  const { rows } = await db.query<Versioned<AssetType>>(`${ASSET_TYPE} WHERE t.id > $1 ORDER BY t.id LIMIT $2`, [
    after ?? 0,
    limit,
  ]);
  return rows;
}

/** The ids of the types with these GRAIs. */
export async function assetTypesByGrai(db: Reader, grais: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ grai: string; id: number }>(
    "SELECT grai, id FROM asset_types WHERE grai = ANY($1::text[])",
    [grais],
  );
  return new Map(rows.map(({ grai, id }) => [grai, id]));
}

const MOVEMENT = `SELECT m.id, m.asset_type_id, t.name AS asset_type, m.party_id, p.name AS party, m.quantity, m.serials, m.at, m.location_id,
    m.shipment_id, m.reference, m.reverses, (SELECT r.id FROM asset_movements r WHERE r.reverses = m.id) AS reversed_by, m.actor_id,
    m.recorded_at, m.version
  FROM asset_movements m JOIN asset_types t ON t.id = m.asset_type_id JOIN parties p ON p.id = m.party_id`;

/** @throws Problem 404 when there is no such movement */
export async function getAssetMovement(db: Reader, id: number): Promise<Versioned<AssetMovement>> {
  const { rows } = await db.query<Versioned<AssetMovement>>(`${MOVEMENT} WHERE m.id = $1`, [id]);
  return found(rows[0], "asset movement");
}

export interface AssetMovementFilter {
  before: number | undefined;
  partyId: number | undefined;
  assetTypeId: number | undefined;
  shipmentId: number | undefined;
  limit: number;
}

/** Newest first. */
export async function listAssetMovements(db: Reader, filter: AssetMovementFilter): Promise<Versioned<AssetMovement>[]> {
  const conditions = new Conditions()
    .where("m.id < ?", filter.before)
    .where("m.party_id = ?", filter.partyId)
    .where("m.asset_type_id = ?", filter.assetTypeId)
    .where("m.shipment_id = ?", filter.shipmentId);
  const { rows } = await db.query<Versioned<AssetMovement>>(
    `${MOVEMENT} ${conditions.sql} ORDER BY m.id DESC LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows;
}

export interface BalanceFilter {
  /** party and type of the last row on the page before */
  after: readonly [party: number, type: number] | undefined;
  partyId: number | undefined;
  assetTypeId: number | undefined;
  limit: number;
}

/** What each party has of each type: the sum of its movements. */
export async function listBalances(db: Reader, { after, partyId, assetTypeId, limit }: BalanceFilter) {
  const conditions = new Conditions().where("m.party_id = ?", partyId).where("m.asset_type_id = ?", assetTypeId);
  if (after !== undefined) {
    conditions.where(`(m.party_id, m.asset_type_id) > (?, ${conditions.parameter(after[1])})`, after[0]);
  }
  const { rows } = await db.query<AssetBalance>(
    `SELECT b.party_id, p.name AS party, b.asset_type_id, t.name AS asset_type, t.kind, b.given, b.returned, b.balance,
      b.balance * t.value_cents AS value_cents, t.currency, b.last_at
    FROM (SELECT m.party_id, m.asset_type_id, coalesce(sum(m.quantity) FILTER (WHERE (m.quantity > 0) = (m.reverses IS NULL)), 0)::int AS given,
        coalesce(-sum(m.quantity) FILTER (WHERE (m.quantity < 0) = (m.reverses IS NULL)), 0)::int AS returned, sum(m.quantity)::int AS balance, max(m.at) AS last_at
      FROM asset_movements m ${conditions.sql} GROUP BY m.party_id, m.asset_type_id
      ORDER BY m.party_id, m.asset_type_id LIMIT ${conditions.parameter(limit)}) b
      JOIN asset_types t ON t.id = b.asset_type_id JOIN parties p ON p.id = b.party_id
    ORDER BY b.party_id, b.asset_type_id`,
    conditions.values,
  );
  return rows;
}

export interface AssetFilter {
  /** type and serial of the last row on the page before */
  after: readonly [type: number, serial: string] | undefined;
  partyId: number | undefined;
  assetTypeId: number | undefined;
  serial: string | undefined;
  limit: number;
}

export async function listAssets(db: Reader, filter: AssetFilter): Promise<Asset[]> {
  const { after, partyId, assetTypeId, serial, limit } = filter;
  const conditions = new Conditions()
    .where("a.party_id = ?", partyId)
    .where("a.asset_type_id = ?", assetTypeId)
    .where("a.serial = ?", serial);
  if (after !== undefined)
    conditions.where(`(a.asset_type_id, a.serial) > (?, ${conditions.parameter(after[1])})`, after[0]);
  const { rows } = await db.query<Asset>(
    `SELECT a.asset_type_id, t.name AS asset_type, a.serial, a.party_id, p.name AS party, a.since
    FROM assets a JOIN asset_types t ON t.id = a.asset_type_id LEFT JOIN parties p ON p.id = a.party_id
    ${conditions.sql} ORDER BY a.asset_type_id, a.serial LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}

export interface LockedAsset {
  serial: string;
  partyId: number | null;
  party: string | null;
  since: Date;
}

/** Those of these assets that are known, locked until the transaction ends. */
export async function lockAssets(client: PoolClient, typeId: number, serials: readonly string[]) {
  const { rows } = await client.query<LockedAsset>(
    `SELECT a.serial, a.party_id AS "partyId", (SELECT name FROM parties p WHERE p.id = a.party_id) AS party, a.since
    FROM assets a WHERE a.asset_type_id = $1 AND a.serial = ANY($2::text[]) ORDER BY a.serial FOR UPDATE OF a`,
    [typeId, serials],
  );
  return rows;
}

/** Who has these assets now. */
export async function placeAssets(
  client: PoolClient,
  serials: readonly string[],
  to: { typeId: number; partyId: number | null; at: Date; movementId: number },
): Promise<void> {
  await client.query(
    `INSERT INTO assets (asset_type_id, serial, party_id, since, movement_id) SELECT $2, serial, $3, $4, $5 FROM unnest($1::text[]) AS s (serial) ORDER BY serial
    ON CONFLICT (asset_type_id, serial) DO UPDATE SET party_id = excluded.party_id, since = excluded.since, movement_id = excluded.movement_id`,
    [serials, to.typeId, to.partyId, to.at, to.movementId],
  );
}
