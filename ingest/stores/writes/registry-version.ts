import { int4s, texts } from "../encoding/binary-array.ts";
import type { DeviceRegistry } from "../queries/device-registry.ts";
import type { Write } from "../statement.ts";

/** The name of the check, by which a dry run leaves it out. */
export const REGISTRY_CHECK = "registry";

/** What a batch used of the registry, beside places and their geofences, which every batch may use. */
export interface RegistryUse {
  /** devices it asked for, whether registered or not */
  deviceIds: Iterable<string>;
  /** stock positions that it changes */
  stockIds: readonly number[];
  /** whether it looked for stock positions, and may have missed one */
  looksUpStock?: boolean;
}

/**
 * Refuses the statement when anything it used has changed since this version of the registry. While the version is the
 * same, nothing else is compared.
 */
export function checkRegistry({ version }: DeviceRegistry, use: RegistryUse): Write {
  const { deviceIds, stockIds, looksUpStock = false } = use;
  const isUsed = `c.part = 'location' OR (c.part = 'device' AND c.id = ANY($2::text[])) OR (c.part = 'stock' AND ($4::boolean
    OR NOT EXISTS (SELECT FROM inventory_items i WHERE i.item_id = split_part(c.id, ':', 1)::int
      AND i.location_id = split_part(c.id, ':', 2)::int AND i.is_main AND i.id <> ALL($3::int[]))))`;
  return {
    name: REGISTRY_CHECK,
    sql: "",
    params: [version, texts([...deviceIds], (id) => id), int4s(stockIds, (id) => id), looksUpStock],
    check: `assert_unchanged((SELECT CASE WHEN version = $1 THEN true ELSE version > $1 AND complete_after <= $1
      AND NOT EXISTS (SELECT FROM registry_changes c WHERE c.version > $1 AND (${isUsed})) END FROM registry_version), 'registry')`,
  };
}
