import type { Pool, PoolClient } from "pg";
import type { Fact, Subject } from "../../domain/fact.ts";
import type { TimeRange } from "../../domain/time-range.ts";

/** A shipment's row: the context of its fold, and the state as it was last folded. Times in epoch milliseconds. */
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

/** A tag, and when it identifies the shipment: the tag of a handling unit does so only while the unit is packed. */
interface TagPeriod extends TimeRange {
  epc: string;
}

/** Everything that folding some shipments again needs, and the versions to check at the commit, from one snapshot. */
export interface ShipmentHistories {
  shipments: StoredShipment[];
  /** by shipment: its own facts, those of its tags, and those of vehicles since it was first loaded on them */
  facts: Map<number, Fact[]>;
  /** of every subject that was read; 0 when it has no facts */
  versions: Map<Subject, number>;
  /** by shipment: the tags that identify it */
  tags: Map<number, TagPeriod[]>;
}

/** Selects shipments. */
export interface ShipmentHistoryQuery {
  shipmentIds: readonly number[];
  tags: readonly string[];
  /** shipments that were on these vehicles at these times (epoch milliseconds) */
  vehicleTimes: readonly { vehicleId: number; at: number }[];
  /** loadings that this commit records: later facts of these vehicles belong to the shipment too */
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

/** Reads the histories of the selected shipments, and the versions of `alsoVersionsOf`, in one statement. */
export async function loadShipmentHistories(
  client: Pool | PoolClient,
  query: ShipmentHistoryQuery,
  alsoVersionsOf: readonly Subject[],
): Promise<ShipmentHistories> {
  const { rows } = await client.query<{
    shipments: StoredShipment[];
    facts: { shipmentId: number; fact: Fact }[];
    versions: { subject: Subject; version: number }[];
    tags: (TagPeriod & { shipmentId: number })[];
  }>({
    name: "load_shipment_histories",
    text: LOAD_HISTORIES,
    values: [
      query.shipmentIds,
      query.tags,
      query.vehicleTimes.map(({ vehicleId }) => vehicleId),
      query.vehicleTimes.map(({ at }) => at),
      query.loadings.map(({ shipmentId }) => shipmentId),
      query.loadings.map(({ vehicleId }) => vehicleId),
      query.loadings.map(({ at }) => at),
      alsoVersionsOf,
    ],
  });
  const row = rows[0]!;
  const facts = new Map<number, Fact[]>(row.shipments.map(({ id }) => [id, []]));
  for (const { shipmentId, fact } of row.facts) facts.get(shipmentId)?.push(fact);
  const tags = new Map<number, TagPeriod[]>(row.shipments.map(({ id }) => [id, []]));
  for (const { shipmentId, ...tag } of row.tags) tags.get(shipmentId)?.push(tag);
  const versions = new Map(row.versions.map(({ subject, version }) => [subject, version]));
  return { shipments: row.shipments, facts, versions, tags };
}
