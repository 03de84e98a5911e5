import type { PoolClient } from "pg";
import { insertRow, lockRow, updateRow } from "../../../http/rows.ts";
import { validate } from "../../../http/validate.ts";
import { findItem, findItemsBySku } from "../../../resources/items/queries.ts";
import { ITEMS } from "../../../resources/items/resource.ts";
import { findPartiesNamed, findParty } from "../../../resources/parties/queries.ts";
import { PARTIES } from "../../../resources/parties/resource.ts";
import type { ErpItem, ErpLocation, ErpPartner } from "../adapter.ts";
import type { Connection } from "../connections.ts";
import { type ErpDocument, findLinked } from "../documents.ts";
import { Clash } from "./clash.ts";
import { unitOf } from "./units.ts";

/** What a document of the ERP has become here. */
export interface Applied {
  /** null: it is known, and is nothing here */
  localId: number | null;
  /** what both sides agree on; what the next change is compared with */
  content: Record<string, unknown>;
  /** what they do not agree on */
  clashes: readonly Clash[];
}

type Known = ErpDocument | undefined;

/**
 * The ERP is master of an item's name, barcode and unit: what changed there is taken. What was changed here alone stays. A field that
 * both have changed, to other values, is a conflict; the other fields are taken.
 */
export async function applyItem(
  client: PoolClient,
  { id, options }: Connection,
  record: ErpItem,
  known: Known,
): Promise<Applied> {
  const { sku, isActive } = record;
  const theirs = {
    name: record.name.trim().slice(0, 255) || sku,
    barcode: record.barcode,
    base_unit: unitOf(options, record.unit),
  };
  let item = known?.localId ? await findItem(client, known.localId) : undefined;
  // What was removed here stays removed.
  if (item === undefined && known?.localId) return { localId: null, content: { ...theirs, sku }, clashes: [] };
  let base: Record<string, unknown> | undefined = known?.localId ? known.content : undefined;
  if (item === undefined) {
    await lockFirstMeetings(client);
    [item] = await findItemsBySku(client, [sku]);
    if (item !== undefined) {
      const other = await findLinked(client, id, "item", item.id);
      if (other !== undefined && other.externalId !== record.id) {
        throw new Clash(
          "duplicate",
          `${other.number} (${other.externalId}) is the item ${sku} here already: two items there have one code`,
          {
            subject: sku,
            ours: { item_id: item.id },
          },
        );
      }
      // They meet for the first time: what the ERP does not say is not taken away.
      base = { name: item.name, base_unit: item.base_unit, barcode: theirs.barcode === null ? null : item.barcode };
    }
  }
  if (item === undefined) {
    if (!isActive) return { localId: null, content: { ...theirs, sku }, clashes: [] };
    const made = validate(ITEMS.schemas.create, { sku, ...theirs }, "body");
    await ITEMS.checkChange?.(client, null, made);
    const localId = await insertRow(client, "items", made, ITEMS.columns);
    return { localId, content: { ...theirs, sku }, clashes: [] };
  }
  const { change, content, clashes } = merge(base ?? {}, { ...item }, theirs);
  if (Object.keys(change).length > 0) {
    await lockRow(client, "items", item.id);
    const valid = validate(ITEMS.schemas.change, change, "body");
    await ITEMS.checkChange?.(client, item.id, valid);
    await updateRow(client, "items", item.id, valid, ITEMS.columns);
    await ITEMS.afterChange?.(client, item.id);
  }
  return { localId: item.id, content: { ...content, sku }, clashes };
}

/** Three versions of each field: what both had, what is here, what is there. */
export function merge(
  base: Readonly<Record<string, unknown>>,
  ours: Readonly<Record<string, unknown>>,
  theirs: Readonly<Record<string, unknown>>,
): { change: Record<string, unknown>; content: Record<string, unknown>; clashes: Clash[] } {
  const change: Record<string, unknown> = {};
  const content: Record<string, unknown> = {};
  const clashes: Clash[] = [];
  for (const [field, there] of Object.entries(theirs)) {
    const [before, here] = [base[field] ?? null, ours[field] ?? null];
    content[field] = there;
    if (there === here || there === before) continue;
    if (here === before) change[field] = there;
    else {
      content[field] = before;
      clashes.push(new Clash("both_changed", `${field} was changed on both sides`, { subject: field, ours: here }));
    }
  }
  return { change, content, clashes };
}

/**
 * What is here already is looked for by its name or code, and is made when it is not found: by one ERP at a time. Two that are read at
 * once would each make their own.
 */
async function lockFirstMeetings(client: PoolClient): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock erp first meetings'))");
}

/** A customer or supplier. One that is here under the same name is taken for the same. */
export async function applyPartner(
  client: PoolClient,
  { id }: Connection,
  record: ErpPartner,
  known: Known,
): Promise<Applied> {
  const theirs = {
    name: record.name.trim().slice(0, 255) || record.id,
    email: record.email,
    phone: record.phone?.slice(0, 255) ?? null,
  };
  let party = known?.localId ? await findParty(client, known.localId) : undefined;
  if (party === undefined && known?.localId) return { localId: null, content: theirs, clashes: [] };
  let base: Record<string, unknown> | undefined = known?.localId ? known.content : undefined;
  if (party === undefined) {
    await lockFirstMeetings(client);
    const named = (await findPartiesNamed(client, [], [], [theirs.name])).toSorted((a, b) => a.id - b.id);
    for (const each of named) {
      const other = await findLinked(client, id, record.kind, each.id);
      if (other === undefined || other.externalId === record.id) {
        party = each;
        base = {
          name: each.name,
          email: theirs.email === null ? null : each.email,
          phone: theirs.phone === null ? null : each.phone,
        };
        break;
      }
    }
  }
  if (party === undefined) {
    // An address that is none is not worth losing the customer for.
    const { email, ...rest } = theirs;
    const given = PARTIES.schemas.create.safeParse({ ...theirs, roles: [record.kind] }).success
      ? { ...rest, email }
      : rest;
    const made = validate(PARTIES.schemas.create, { ...given, roles: [record.kind] }, "body");
    const localId = await insertRow(client, "parties", made, PARTIES.columns);
    return { localId, content: theirs, clashes: [] };
  }
  const { change, content, clashes } = merge(base ?? {}, { ...party }, theirs);
  if (!party.roles.includes(record.kind)) change["roles"] = [...party.roles, record.kind];
  if (!PARTIES.schemas.change.safeParse(change).success) delete change["email"];
  if (Object.keys(change).length > 0) {
    await lockRow(client, "parties", party.id);
    await updateRow(client, "parties", party.id, validate(PARTIES.schemas.change, change, "body"), PARTIES.columns);
  }
  return { localId: party.id, content, clashes };
}

/** A warehouse is a location here where a person has said so; it is known all the same, to be chosen from. */
export function applyLocation({ options }: Connection, { id, name }: ErpLocation): Applied {
  const mapped = options.warehouses.find(({ external_id }) => external_id === id);
  return { localId: mapped?.location_id ?? null, content: { name }, clashes: [] };
}
