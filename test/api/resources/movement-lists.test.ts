import { expect } from "vitest";
import { ingestApiTest } from "../../support/ingest-test.ts";
import { addClient, tokenOfClient } from "../auth/client-support.ts";
import type { TestResponse } from "../support.ts";

const idsOf = ({ body }: TestResponse) => (body as unknown as { id: number }[]).map(({ id }) => id);

ingestApiTest(
  "a place with thousands of products lists the movements of all of them, page by page, to those who may see it",
  async ({ api, world, manager, viewer }) => {
    const [place, other] = [await world.location("hall", "storage"), await world.location("shop", "delivery")];
    const item = await world.item("OIL");
    const keptAt = async (location: number, quantity: number) => {
      const answer = await manager("POST /inventory-items", { item_id: item, location_id: location, quantity });
      return answer.body["id"] as number;
    };
    const [stock, elsewhere] = [await keptAt(place, 40), await keptAt(other, 5)];
    const { rows } = await api.db.pool.query<{ id: number }>(
      `WITH items AS (INSERT INTO items (sku, name) SELECT 'many-' || n, 'many ' || n FROM generate_series(1, 2001) n RETURNING id),
         positions AS (INSERT INTO inventory_items (item_id, location_id, quantity) SELECT id, $1, 7 FROM items RETURNING id)
       INSERT INTO movements (id, inventory_item_id, at, delta, level)
         SELECT nextval(pg_get_serial_sequence('facts', 'id')), id, now(), 7, 7 FROM positions RETURNING id`,
      [place],
    );
    const taken = { inventory_item_id: stock, quantity: -1, reason: "broken" };
    const newest = (await manager("POST /movements", taken)).body["id"] as number;
    const ids = rows.map(({ id }) => id).toSorted((a, b) => b - a);
    const first = await manager(`GET /movements?location_id=${place}&order=newest&limit=3`);
    expect(idsOf(first)).toEqual([newest, ids[0], ids[1]]);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("Link")!)![1]!;
    const { pathname, search } = new URL(next, "http://localhost");
    expect(idsOf(await manager(`GET ${pathname}${search}`))).toEqual(ids.slice(2, 5));
    const ofItem = await manager(`GET /movements?location_id=${place}&item_id=${item}`);
    expect(ofItem.body).toMatchObject([{ inventory_item_id: stock }, { id: newest }]);

    const admin = await api.as("admin");
    const limitedTo = async (location: number) => {
      const client = await addClient(admin, { name: `at ${location}`, role: "viewer", location_ids: [location] });
      const headers = { Authorization: `Bearer ${await tokenOfClient(api, client)}` };
      return (path: string) => viewer(`GET ${path}`, undefined, headers);
    };
    const [here, there] = [await limitedTo(place), await limitedTo(other)];
    expect(idsOf(await here("/movements?order=newest&limit=2"))).toEqual([newest, ids[0]]);
    expect((await there("/movements")).body).toMatchObject([{ inventory_item_id: elsewhere }]);
    expect((await there(`/movements?location_id=${place}`)).body).toEqual([]);
  },
);
