import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";
import { addClient, tokenOfClient } from "./client-support.ts";
import { fillSide, type Side } from "./limited-world.ts";

type Row = Record<string, unknown>;
let api: TestApi;
let own: Side;
let foreign: Side;
beforeAll(async () => {
  api = await startApi();
  const admin = await api.as("admin");
  await admin("POST /items", { sku: "bolt", name: "Bolt" });
  own = await fillSide(api, "own", 1, 1);
  foreign = await fillSide(api, "foreign", 1, 1);
});
afterAll(() => api?.close());

test.each([
  ["locations", () => ({ location_ids: [own.location] })],
  ["owners", () => ({ owner_ids: [own.owner] })],
])("under a limit to %s, balances and assets tell of nothing else, nor does a recall", async (_, limits) => {
  const admin = await api.as("admin");
  const name = `client ${JSON.stringify(limits())}`;
  const token = await tokenOfClient(api, await addClient(admin, { name, role: "manager", ...limits() }));
  const list = async (path: string): Promise<Row[]> => {
    const answer = await api.app.request(path, { headers: { Authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Row[];
  };
  expect(await list("/asset-balances")).toMatchObject([{ party: "own owner", balance: 1 }]);
  expect(await list("/assets")).toMatchObject([{ serial: "own asset" }]);
  // Both sides have some of a lot: of it only the own part is told.
  const put = (side: Side) =>
    admin("POST /movements", { inventory_item_id: side.stock, quantity: 2, reason: "found", lot: "shared" });
  await put(own);
  await put(foreign);
  const [lot] = await list("/lots?q=shared");
  expect(lot!["quantity"]).toBe(
    (await list(`/inventory-items/${own.stock}/lots`)).find((row) => row["lot"] === "shared")!["quantity"],
  );
  const recall = await list(`/lots/${String(lot!["id"])}/recall`);
  expect(recall.map(({ kind, id }) => [kind, id])).toEqual([["stock", own.stock]]);
  const movements = await list(`/lots/${String(lot!["id"])}/movements`);
  expect(new Set(movements.map(({ inventory_item_id: id }) => id))).toEqual(new Set([own.stock]));
});
