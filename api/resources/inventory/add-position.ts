import type { PoolClient } from "pg";
import type { z } from "zod";
import type { Principal } from "../../auth/principal.ts";
import { assertParties, assertReferences, ownerWithin } from "../../http/references.ts";
import { rederiveShelves } from "../devices/rederive.ts";
import { addPosition } from "../movements/record-movement.ts";
import { adoptPosition, sourceMountedAt } from "./queries.ts";
import type { newInventoryItem } from "./schema.ts";

/**
 * Adds a stock position, or takes over the one that the mounting of a scale has made. Its level is to be folded afterwards.
 * @returns its id
 * @throws Problem 400 for an item, location or owner that does not exist
 */
export async function addStockPosition(
  client: PoolClient,
  principal: Principal,
  given: Omit<z.output<typeof newInventoryItem>, "quantity">,
): Promise<number> {
  await assertReferences(client, "items", [{ pointer: "/item_id", id: given.item_id }]);
  await assertReferences(client, "locations", [{ pointer: "/location_id", id: given.location_id }]);
  const owner_id = ownerWithin(principal.limits, given.owner_id);
  await assertParties(client, "owner", [{ pointer: "/owner_id", id: owner_id }]);
  const row = { ...given, owner_id, source: given.source ?? (await sourceMountedAt(client, given)) };
  const id = (await adoptPosition(client, row)) ?? (await addPosition(client, row));
  await rederiveShelves(client, given.item_id);
  return id;
}
