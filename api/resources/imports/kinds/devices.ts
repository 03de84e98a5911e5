import { isDeepStrictEqual } from "node:util";
import type { PoolClient } from "pg";
import { changeBetween } from "../../../http/audit/changes.ts";
import { invalid } from "../../../http/problem.ts";
import { updateRow } from "../../../http/rows.ts";
import { validate } from "../../../http/validate.ts";
import { addDeviceWithoutSecret, setMount } from "../../devices/add-device.ts";
import { DEVICE_COLUMNS_OF_TABLE, deviceFields } from "../../devices/device-cells.ts";
import { DEVICE_COLUMNS, findDevices, listDevices, notifyDevicesChanged } from "../../devices/queries.ts";
import { type Device, deviceChange, type Mount, newDevice } from "../../devices/schema.ts";
import type { ImportRow } from "../../../tables/row.ts";
import { eachRow } from "./each-row.ts";
import {
  asProblem,
  exportPage,
  type ImportContext,
  type ImportedChange,
  type ImportKind,
  isText,
  type Outcome,
  type RowResult,
} from "./kind.ts";
import { ITEM, LOCATION, resolveNames } from "./names.ts";

/** A device that an import adds has no secret: it would have to be kept to be shown later. */
async function applyDevices(
  client: PoolClient,
  rows: readonly ImportRow[],
  context: ImportContext,
): Promise<RowResult[]> {
  const named = await resolveNames(client, rows, [LOCATION, ITEM]);
  const given = named.map(({ fields }) => deviceFields(fields));
  const known = await findDevices(client, given.map(({ id }) => id).filter(isText));
  const byId = new Map(known.map((device) => [device.id, device]));
  const changes: ImportedChange[] = [];
  const changed: string[] = [];
  const results = await eachRow(client, rows, async ({ line }, at): Promise<Outcome> => {
    if (named[at]!.problems.length > 0) throw asProblem(named[at]!.problems);
    const { id, kind, ...fields } = given[at]!;
    const existing = byId.get(id as string);
    const subject = `/devices/${encodeURIComponent(id as string)}`;
    if (existing === undefined) {
      const device = validate(newDevice, given[at], "body");
      await addDeviceWithoutSecret(client, device, "");
      changes.push({ line, subject, ...changeBetween(undefined, device) });
      changed.push(device.id);
      return "created";
    }
    if (kind !== undefined && kind !== existing.kind) {
      throw invalid("/kind", `it is of the kind ${existing.kind}, which cannot change`);
    }
    const { mount, ...row } = validate(deviceChange, fields, "body");
    const differing = Object.fromEntries(
      Object.entries(row).filter(([name, value]) => value !== existing[name as keyof Device]),
    );
    const isMoved = mount !== undefined && !isMountedSo(existing.mount, mount);
    if (Object.keys(differing).length === 0 && !isMoved) return "unchanged";
    await updateRow(client, "devices", existing.id, differing, DEVICE_COLUMNS);
    if (isMoved) await setMount(client, existing.id, mount, "/mount");
    const after = { ...existing, ...differing, ...(isMoved && { mount }) };
    changes.push({ line, subject, ...changeBetween(existing, after) });
    changed.push(existing.id);
    return "updated";
  });
  if (changed.length > 0) await notifyDevicesChanged(client, changed);
  await context.audit(client, changes);
  return results;
}

function isMountedSo(existing: Device["mount"], mount: Mount | null): boolean {
  if (existing === null || mount === null) return existing === mount;
  const { since: _, ...place } = mount;
  return isDeepStrictEqual({ ...existing }, { ...place });
}

export const devicesKind: ImportKind = {
  name: "devices",
  key: "id",
  columns: { ...DEVICE_COLUMNS_OF_TABLE, location: "text", sku: "word" },
  namesOf: ({ id }) => (isText(id) ? [`id:${id}`] : { column: "id", message: "a value is needed" }),
  apply: applyDevices,
  async page(db, after, limit, filters = {}) {
    const { kind, state } = filters as { kind?: string; state?: string };
    const filter = { after: after as string | undefined, kind, state, limit: limit + 1 };
    // `since` stays out: a mount that is the same is not moved.
    return exportPage(await listDevices(db, filter), limit, ({ mount, ...device }) => ({ ...device, ...mount }));
  },
};
