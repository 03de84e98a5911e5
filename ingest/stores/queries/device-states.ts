import type { Pool, PoolClient } from "pg";
import { decodeSignals, type DeviceState, type StoredSignals } from "../encoding/device-state.ts";
import type { LateWindow } from "../writes/late-windows.ts";
import { requestRederivation } from "./late-windows.ts";
import { msOfTime } from "../sql-time.ts";

/**
 * The states of these devices; devices without a row are missing. A signal whose state is of another version is left out,
 * and its window is requested to be derived again.
 * @param lock locks the rows against every other writer until the transaction ends
 */
export async function loadDeviceStates(
  client: Pool | PoolClient,
  ids: readonly string[],
  lock = false,
): Promise<DeviceState[]> {
  const { rows } = await client.query<Omit<DeviceState, "signal"> & { signal: StoredSignals }>({
    name: lock ? "lock_device_states" : "load_device_states",
    text: `SELECT device_id AS "deviceId", version, ${msOfTime("newest_ts")} AS "newestTs",
        json_build_object('received', received, 'stored', stored, 'duplicate', duplicate, 'late', late, 'quarantined', quarantined, 'gap', gap) AS counts,
        skew_ms AS "skewMs", latest, signal::json, ignored_fields AS ignored
      FROM device_states WHERE device_id = ANY($1::text[])${lock ? " ORDER BY device_id FOR UPDATE" : ""}`,
    values: [ids],
  });
  const outdated: LateWindow[] = [];
  const states = rows.map(({ signal: stored, ignored, ...row }) => {
    const { signal, outdatedKinds } = decodeSignals(stored);
    for (const kind of outdatedKinds) {
      outdated.push({ deviceId: row.deviceId, kind, epc: "", from: 0, to: row.newestTs ?? 0 });
    }
    return { ...row, signal, ignored: ignored ?? undefined };
  });
  await requestRederivation(client, outdated);
  return states;
}
