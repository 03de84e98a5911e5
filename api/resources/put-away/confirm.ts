import type { PoolClient } from "pg";
import { Site } from "../../../ingest/domain/stock/put-away.ts";
import { PUT_AWAY_FROM } from "../../../ingest/domain/stock/put-away-kinds.ts";
import { beyondLimits } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import { invalid, Problem, unknownReference } from "../../http/problem.ts";
import type { AdjustLimit } from "../movements/adjust-limit.ts";
import { getMovement } from "../movements/queries.ts";
import { recordMovement } from "../movements/record-movement.ts";
import { withoutVersion } from "../../http/response.ts";
import { findPlaceByCode, getPlaceKind, type GoodsRow, listGoods, readSite, shownAmong, siteOf } from "./queries.ts";
import type { NewPutAway, PutAway } from "./schema.ts";
import { goodsOf } from "./suggest.ts";

/** @throws Problem 404 without the location, 409 when goods are not put away from there */
export async function assertPutAwayFrom(
  db: Parameters<typeof getPlaceKind>[0],
  id: number,
): Promise<{ onlyGood: boolean }> {
  const kind = await getPlaceKind(db, id);
  if (kind !== null && PUT_AWAY_FROM.includes(kind)) return { onlyGood: kind === "quality" };
  const is = kind === null ? "has no kind" : `is of kind ${kind}`;
  throw new Problem(409, `goods are put away from places of kind ${PUT_AWAY_FROM.join(" and ")}; this one ${is}`);
}

/**
 * Books goods to the place where a person has put them, if the rules allow it: the one that was suggested, or another one.
 * @throws Problem 409 with every reason against it
 */
export async function confirmPutAway(
  client: PoolClient,
  principal: Principal,
  { from, body, limit }: { from: number; body: NewPutAway; limit: AdjustLimit },
): Promise<PutAway> {
  const rules = await assertPutAwayFrom(client, from);
  const [pointer, place] = await placeOf(client, body);
  // Two at once must not both find the last room free, nor the same goods.
  const siteId = await beyondLimits(client, () => siteOf(client, from));
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock put-away'), $1)", [siteId]);
  const goods = await goodsAt(client, from, rules.onlyGood, body.inventory_item_id);
  const { quantity = goods.quantity } = body;
  if (quantity > goods.quantity) {
    const message = `only ${goods.quantity} of ${goods.name} are here to be put away`;
    throw new Problem(409, message, { errors: [{ pointer: "/quantity", message }] });
  }
  const places = await beyondLimits(client, () => readSite(client, siteId));
  const shown = await shownAmong(
    client,
    places.map(({ id }) => id),
  );
  const site = new Site(places, from, (id) => shown.has(id));
  const reasons = site.reasonsAgainst(place.id, goodsOf(goods, new Map()), quantity);
  if (reasons.length > 0) {
    const errors = reasons.map((message) => ({ pointer, message }));
    throw new Problem(409, `${goods.name} may not be put to ${place.name}: ${reasons.join("; ")}`, { errors });
  }
  const movementId = await recordMovement(
    client,
    principal,
    {
      inventory_item_id: goods.id,
      quantity,
      reason: "put away",
      ...(body.code !== undefined && { evidence: `scanned ${body.code}` }),
      to: { location_id: place.id },
    },
    limit,
  );
  return {
    location_id: place.id,
    location_name: place.name,
    quantity,
    left: goods.quantity - quantity,
    movement: withoutVersion(await getMovement(client, movementId)),
  };
}

async function goodsAt(client: PoolClient, from: number, onlyGood: boolean, id: number): Promise<GoodsRow> {
  const filter = { locationId: from, onlyGood, code: undefined, after: id - 1, limit: 1 };
  const [goods] = await listGoods(client, filter);
  if (goods?.id === id) return goods;
  const { rowCount } = await client.query("SELECT id FROM inventory_items WHERE id = $1 AND location_id = $2", [
    id,
    from,
  ]);
  if (rowCount === 0) throw invalid("/inventory_item_id", "there is no such stock position here");
  const message = "nothing of this stock position is to be put away: it is empty, reserved, or stays here";
  throw new Problem(409, message, { errors: [{ pointer: "/inventory_item_id", message }] });
}

async function placeOf(
  client: PoolClient,
  { code, location_id: locationId }: NewPutAway,
): Promise<[pointer: string, place: { id: number; name: string }]> {
  const id = code === undefined ? locationId! : (await findPlaceByCode(client, code))?.id;
  if (id === undefined) throw invalid("/code", `no place has a label that says ${code}`);
  const { rows } = await client.query<{ id: number; name: string }>(
    "SELECT id, name FROM locations WHERE id = $1 FOR KEY SHARE",
    [id],
  );
  if (rows[0] === undefined) throw unknownReference("/location_id", "location");
  return [code === undefined ? "/location_id" : "/code", rows[0]];
}
