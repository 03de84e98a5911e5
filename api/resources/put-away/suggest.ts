import { Site } from "../../../ingest/domain/stock/put-away.ts";
import type { Goods } from "../../../ingest/domain/stock/put-away-kinds.ts";
import type { Reader } from "../../auth/limits.ts";
import { locationCode } from "../labels/label.ts";
import { type GoodsRow, readSite, sameGoodsAt, shownAmong, type SitePlace, siteOf } from "./queries.ts";
import type { PutAwaySuggestion } from "./schema.ts";

/** @param all reads everything: goods that `db` does not show take room, too */
export async function openSite(
  { db, all }: { db: Reader; all: Reader },
  from: number,
): Promise<{ site: Site; places: ReadonlyMap<number, SitePlace> }> {
  const places = await readSite(all, await siteOf(all, from));
  const shown = await shownAmong(
    db,
    places.map(({ id }) => id),
  );
  return {
    site: new Site(places, from, (id) => shown.has(id)),
    places: new Map(places.map((place) => [place.id, place])),
  };
}

export const goodsOf = (row: GoodsRow, sameAt: Goods["sameAt"]): Goods => ({
  name: row.name,
  condition: row.condition,
  storageCategory: row.storage_category,
  quantity: row.quantity,
  each: {
    units: 1,
    litres: row.unit_volume_litres,
    kilograms: row.unit_weight_grams === null ? null : row.unit_weight_grams / 1000,
  },
  sameAt,
});

/** Where to put each of these goods of a place: in order, each after those before it have taken their room. */
export async function suggestPlaces(
  readers: { db: Reader; all: Reader },
  from: number,
  rows: readonly GoodsRow[],
): Promise<PutAwaySuggestion[]> {
  if (rows.length === 0) return [];
  const { site, places } = await openSite(readers, from);
  const sameAt = await sameGoodsAt(readers.db, rows, [...places.keys()]);
  return rows.map((row) => {
    const { places: suggested, unplaced, problem } = site.suggest(goodsOf(row, sameAt(row)));
    const { id, item_id, name, sku, condition, storage_category, unit, quantity } = row;
    return {
      ...{ id, item_id, name, sku, condition, storage_category, unit, quantity },
      places: suggested.map(({ id, quantity, reasons }) => {
        const { name, barcode } = places.get(id)!;
        return { location_id: id, name, code: barcode ?? locationCode(id), quantity, reasons };
      }),
      unplaced,
      problem,
    };
  });
}
