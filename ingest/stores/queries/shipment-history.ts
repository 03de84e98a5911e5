import type { Pool, PoolClient } from "pg";
import type { Fact, Subject } from "../../domain/fact.ts";
import type { TimeRange } from "../../domain/time-range.ts";

/** What of a shipment's row its fold starts from, and what the row says now. */
export interface StoredShipment {
  id: number;
  destinationId: number | null;
  quantity: number;
  version: number;
  status: string;
  stage: string;
  stageSince: number;
  locationId: number | null;
  vehicleId: number | null;
}

/** A tag, and when it spoke for a shipment: that of a handling unit only while the unit is packed. */
interface TagSpan extends TimeRange {
  epc: string;
}

/** Everything needed to fold some shipments again, read in one snapshot together with the versions that guard it. */
export interface ShipmentHistories {
  shipments: StoredShipment[];
  /** facts by shipment: its own, its tags', and those of vehicles since it was first loaded on them */
  facts: Map<number, Fact[]>;
  /** of every subject read; 0 when nothing was ever recorded of it */
  versions: Map<Subject, number>;
  /** the tags that speak for each shipment */
  tags: Map<number, TagSpan[]>;
}

/** Which shipments are concerned. */
export interface ShipmentHistoryQuery {
  shipmentIds: readonly number[];
  tags: readonly string[];
  /** vehicles that something happened to, and when (epoch milliseconds) */
  vehicleTimes: readonly { vehicleId: number; at: number }[];
  /** loadings that are being recorded now: the vehicles' later facts are part of the story too */
  loadings: readonly { shipmentId: number; vehicleId: number; at: number }[];
}

const LOAD_HISTORIES = `
WITH affected AS (
  SELECT id FROM shipments WHERE id = ANY($1::int[])
  UNION SELECT shipment_id FROM shipments_of_tags($2::text[])
  UNION SELECT a.shipment_id FROM shipment_on_vehicle a JOIN unnest($3::int[], $4::float8[]) AS v (vehicle_id, at)
    ON a.vehicle_id = v.vehicle_id AND a.from_at <= to_timestamp(v.at / 1000) AND (a.to_at IS NULL OR a.to_at >= to_timestamp(v.at / 1000))
), tagged AS (
  SELECT * FROM tags_of_shipments(ARRAY(SELECT id FROM affected))
), loadings AS (
  SELECT affected.id AS shipment_id, (f.data ->> 'vehicleId')::int AS vehicle_id, min(f.at) AS since
  FROM affected JOIN facts f ON f.subject = 'shipment:' || affected.id
  WHERE f.data ->> 'vehicleId' IS NOT NULL AND f.withdrawn_at IS NULL GROUP BY 1, 2
  UNION ALL
  SELECT s, v, to_timestamp(at / 1000) FROM unnest($5::int[], $6::int[], $7::float8[]) AS t (s, v, at)
), subjects AS (
  SELECT id AS shipment_id, 'shipment:' || id AS subject, NULL::timestamptz AS since, NULL::timestamptz AS until FROM affected
  UNION ALL SELECT shipment_id, 'tag:' || epc, since, until FROM tagged
  UNION ALL SELECT shipment_id, 'vehicle:' || vehicle_id, min(since), NULL FROM loadings GROUP BY 1, 2
)
SELECT
  (SELECT coalesce(json_agg(json_build_object('id', s.id, 'destinationId', s.destination_id, 'quantity', s.quantity, 'version', s.version,
      'status', s.status, 'stage', s.stage, 'stageSince', round(extract(epoch FROM s.stage_since) * 1000), 'locationId', s.location_id, 'vehicleId', s.vehicle_id)), '[]')
    FROM shipments s JOIN affected ON affected.id = s.id) AS shipments,
  (SELECT coalesce(json_agg(json_build_object('shipmentId', j.shipment_id, 'fact', json_build_object('id', f.id, 'key', f.key, 'subject', f.subject,
      'at', round(extract(epoch FROM f.at) * 1000), 'type', f.type, 'data', f.data, 'rule', f.rule, 'evidence', f.evidence, 'confidence', f.confidence,
      'deviceId', f.device_id, 'actorId', f.actor_id))), '[]')
    FROM subjects j JOIN facts f ON f.subject = j.subject AND f.at >= coalesce(j.since, '-infinity') AND f.at < coalesce(j.until, 'infinity')
    WHERE f.withdrawn_at IS NULL) AS facts,
  (SELECT coalesce(json_agg(json_build_object('subject', j.subject, 'version', coalesce(v.version, 0))), '[]')
    FROM (SELECT subject FROM subjects UNION SELECT unnest($8::text[])) AS j LEFT JOIN fold_versions v ON v.subject = j.subject) AS versions,
  (SELECT coalesce(json_agg(json_build_object('shipmentId', shipment_id, 'epc', epc,
      'since', round(extract(epoch FROM since) * 1000), 'until', round(extract(epoch FROM until) * 1000))), '[]') FROM tagged) AS tags`;

/** Reads the stories of the shipments concerned, and the versions of `alsoGuard`, in one statement. */
export async function loadShipmentHistories(
  client: Pool | PoolClient,
  query: ShipmentHistoryQuery,
  alsoGuard: readonly Subject[],
): Promise<ShipmentHistories> {
  const { rows } = await client.query<{
    shipments: StoredShipment[];
    facts: { shipmentId: number; fact: Fact }[];
    versions: { subject: Subject; version: number }[];
    tags: (TagSpan & { shipmentId: number })[];
  }>({
    name: "load_stories",
    text: LOAD_HISTORIES,
    values: [
      query.shipmentIds,
      query.tags,
      query.vehicleTimes.map(({ vehicleId }) => vehicleId),
      query.vehicleTimes.map(({ at }) => at),
      query.loadings.map(({ shipmentId }) => shipmentId),
      query.loadings.map(({ vehicleId }) => vehicleId),
      query.loadings.map(({ at }) => at),
      alsoGuard,
    ],
  });
  const row = rows[0]!;
  const facts = new Map<number, Fact[]>(row.shipments.map(({ id }) => [id, []]));
  for (const { shipmentId, fact } of row.facts) facts.get(shipmentId)?.push(fact);
  const tags = new Map<number, TagSpan[]>(row.shipments.map(({ id }) => [id, []]));
  for (const { shipmentId, ...tag } of row.tags) tags.get(shipmentId)?.push(tag);
  const versions = new Map(row.versions.map(({ subject, version }) => [subject, version]));
  return { shipments: row.shipments, facts, versions, tags };
}
