import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import { id } from "./fields.ts";
import { assertParties, assertReferences } from "./references.ts";
import { integerArray } from "./rows.ts";

/** Ids of a limit. An empty list would say "nothing", and people would read "no limit": it is refused. */
const limit = (noun: string) =>
  z
    .array(id)
    .min(1, "name at least one, or null for no limit")
    .max(1000)
    .readonly()
    .nullable()
    .describe(`the only ${noun} to be seen; null: no limit`);

/** What a user or an API client may see, as fields of a response. */
export const limits = { location_ids: limit("locations"), owner_ids: limit("owners") };
/** The same in a request; a field left out keeps its value. */
export const limitChange = { location_ids: limits.location_ids.optional(), owner_ids: limits.owner_ids.optional() };

interface Limited {
  location_ids?: readonly number[] | null | undefined;
  owner_ids?: readonly number[] | null | undefined;
}

/** The limits as columns. @throws Problem 400 naming every location or owner that does not exist */
export async function limitColumns(client: PoolClient, { location_ids: locations, owner_ids: owners }: Limited) {
  const references = (locations ?? []).map((id, at) => ({ pointer: `/location_ids/${at}`, id }));
  await assertReferences(client, "locations", references);
  await assertParties(
    client,
    "owner",
    (owners ?? []).map((id, at) => ({ pointer: `/owner_ids/${at}`, id })),
  );
  return { location_ids: integerArray(locations), owner_ids: integerArray(owners) };
}
