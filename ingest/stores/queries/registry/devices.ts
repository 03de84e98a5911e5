import type { PoolClient } from "pg";
import type { PayloadFields } from "../../../domain/payload-fields.ts";
import { type CalibrationRow, type Mounting, type MountRow, toMountings } from "../device-mounts.ts";
import type { Lookup } from "./overlay-map.ts";

export interface RegisteredDevice {
  id: string;
  kind: string;
  decoder: string;
  /** newest first */
  mountings: readonly Mounting[];
  /** what the fields of its decoded payloads are, by its profile */
  payloadFields?: PayloadFields | undefined;
}

interface DeviceRow {
  id: string;
  kind: string;
  decoder: string;
  mounts: MountRow[];
  calibrations: CalibrationRow[];
  payloadFields: PayloadFields | null;
}

/**
 * Reads devices with their mountings.
 * @param stock stock position by `itemId:locationId`
 * @param ids only these; all when undefined
 */
export async function readDevices(
  client: PoolClient,
  stock: Lookup<string, number>,
  ids?: readonly string[],
): Promise<Map<string, RegisteredDevice>> {
  const { rows } = await client.query<DeviceRow>(
    `SELECT d.id, d.kind, d.decoder,
      (SELECT p.payload_fields FROM device_profiles p WHERE p.id = d.profile_id) AS "payloadFields",
      coalesce((SELECT json_agg(json_build_object('since', extract(epoch FROM m.since) * 1000, 'mount', m.mount) ORDER BY m.since DESC)
        FROM device_mounts m WHERE m.device_id = d.id), '[]') AS mounts,
      coalesce((SELECT json_agg(json_build_object('since', extract(epoch FROM c.since) * 1000, 'itemId', c.item_id, 'unitWeightGrams', c.unit_weight_grams) ORDER BY c.since DESC)
        FROM calibrations c WHERE c.device_id = d.id), '[]') AS calibrations
     FROM devices d ${ids ? "WHERE d.id = ANY($1::text[])" : ""}`,
    ids ? [ids] : [],
  );
  const itemIds = rows.flatMap(({ mounts }) => mounts.flatMap(({ mount }) => mount?.item_id ?? []));
  const unitWeights = await readUnitWeights(client, [...new Set(itemIds)]);
  return new Map(
    rows.map(({ id, kind, decoder, mounts, calibrations, payloadFields }) => [
      id,
      {
        id,
        kind,
        decoder,
        mountings: toMountings(mounts, calibrations, { stock, unitWeights }),
        ...(payloadFields && { payloadFields }),
      },
    ]),
  );
}

async function readUnitWeights(client: PoolClient, itemIds: readonly number[]): Promise<Map<number, number>> {
  if (itemIds.length === 0) return new Map();
  const { rows } = await client.query<{ id: number; unit_weight_grams: number }>(
    "SELECT id, unit_weight_grams FROM items WHERE id = ANY($1::int[]) AND unit_weight_grams IS NOT NULL",
    [itemIds],
  );
  return new Map(rows.map((item) => [item.id, item.unit_weight_grams]));
}
