import { expect } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

type Row = Record<string, string | number | boolean | null>;
const T = Date.parse("2026-03-01T08:00:00Z");

test("a recall names every place and shipment of a planted lot, and nothing else", async ({
  api,
  rig,
  world,
  n,
  manager,
}) => {
  const made = async (path: string, body: object): Promise<Row> => {
    const answer = await manager(`POST ${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body as Row;
  };
  const gtin = withCheckDigit("0952110300001");
  const item = Number((await made("/items", { sku: `HAM-${n}`, name: "Ham", gtin: gtin.slice(1) }))["id"]);
  const cheese = Number((await made("/items", { sku: `CHEESE-${n}`, name: "Cheese" }))["id"]);
  const places = new Map<string, number>();
  const stock = new Map<string, number>();
  for (const name of ["plant", "store", "shop", "emptied", "untouched"]) {
    const place = await world.location(`${name} ${n}`, "storage");
    places.set(name, place);
    stock.set(name, await world.stock(item, place));
  }
  const put = (name: string, quantity: number, lot?: string, inventory_item_id = stock.get(name)!) =>
    made("/movements", { inventory_item_id, quantity, reason: "made", ...(lot && { lot }) });
  // The planted lot, one whose number begins alike, one of another item with the same number, and goods without a lot.
  await put("plant", 100, "L-7");
  await put("plant", 50, "L-77");
  await put("untouched", 10, "L-77");
  await put("untouched", 10);
  const cheeseStock = await world.stock(cheese, places.get("untouched")!);
  await put("untouched", 5, "L-7", cheeseStock);
  const move = (quantity: number, to: string, lot: string) =>
    made("/movements", {
      inventory_item_id: stock.get("plant"),
      quantity,
      lot,
      reason: "refill",
      to: { location_id: places.get(to) },
    });
  await move(30, "store", "L-7");
  await move(10, "emptied", "L-7");
  await made("/movements", { inventory_item_id: stock.get("emptied"), quantity: -10, reason: "sold" });
  const shipment = async (quantity: number): Promise<number> =>
    Number(
      (
        await made("/shipments", {
          item_id: item,
          quantity,
          location: places.get("plant"),
          destination_id: places.get("shop"),
        })
      )["id"],
    );
  const [byLine, byUnit, clean] = [await shipment(20), await shipment(30), await shipment(10)];
  await made(`/shipments/${byLine}/lots`, { lot: "L-7", quantity: 8 });
  await made(`/shipments/${clean}/lots`, { lot: "L-77", quantity: 10 });
  const sscc = withCheckDigit("30952110000000001".slice(0, 17));
  const contents = [
    { item_id: item, quantity: 12, lot: "L-7" },
    { item_id: cheese, quantity: 3, lot: "L-7" },
  ];
  await made(`/shipments/${byUnit}/handling-units`, { sscc, contents });
  // One piece with a serial, scanned twice.
  const scanner = await world.device(`hand-${n}`, "scan", { location_id: places.get("shop") });
  for (const second of [1, 2]) {
    const code = `(01)${gtin}(10)L-7(21)S1`;
    await rig.publish(`devices/${scanner}/scan`, { ts: T + second * 1000, code, action: "receive" });
    await rig.settled();
  }

  const [lot] = (await manager(`GET /lots?item_id=${item}&q=L-7&limit=1`)).body as unknown as Row[];
  expect(lot).toMatchObject({ number: "L-7", quantity: 60 + 30 + 1, places: 3 });
  const recall = async (page = "") => {
    const answer = await manager(`GET /lots/${lot!["id"]}/recall${page}`);
    return { rows: answer.body as unknown as Row[], next: answer.headers.get("Link") };
  };
  const { rows } = await recall();
  expect(
    rows.map(({ kind, place, quantity, code }) => [kind, place, quantity, kind === "piece" ? code : null]),
  ).toEqual([
    ["stock", `plant ${n}`, 60, null],
    ["stock", `store ${n}`, 30, null],
    ["stock", `shop ${n}`, 1, null],
    ["stock", `emptied ${n}`, 0, null],
    ["shipment", `shop ${n}`, 8, null],
    ["shipment", `shop ${n}`, 12, null],
    ["piece", `shop ${n}`, 1, "S1"],
  ]);
  expect(rows.filter(({ kind }) => kind === "shipment").map(({ id }) => id)).toEqual([byLine, byUnit]);
  expect(rows.find(({ place }) => place === `emptied ${n}`)).toMatchObject({ moved_in: 10, until: expect.any(String) });

  // Page by page it is the same.
  const paged: Row[] = [];
  for (let page: string | undefined = "?limit=2"; page !== undefined;) {
    const { rows: some, next } = await recall(page);
    paged.push(...some);
    page = next === null ? undefined : /(\?[^>]*)>/.exec(next)?.[1];
  }
  expect(paged).toEqual(rows);
  const token = await api.tokenOf("viewer");
  const csv = await api.app.request(`/lots/${lot!["id"]}/recall.csv`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  const lines = (await csv.text()).trim().split("\r\n");
  expect(lines).toHaveLength(rows.length + 1);
  expect(lines[0]).toBe("lot,sku,kind,id,place,location_id,code,status,quantity,moved_in,since,until");
  expect(lines[1]).toContain(`L-7,HAM-${n},stock,`);

  const shown = (await manager(`GET /shipments/${byUnit}/lots`)).body as unknown as Row[];
  expect(shown).toMatchObject([
    { item_id: item, lot: "L-7", quantity: 12, sscc },
    { item_id: cheese, lot: "L-7", quantity: 3 },
  ]);
  const lots = `/shipments/${byLine}/lots`;
  expect((await manager(`POST ${lots}`, { lot: "L-7", quantity: 1 })).status).toBe(409);
  const tooMany = await manager(`POST ${lots}`, { lot: "L-8", quantity: 13 });
  expect(tooMany.status).toBe(400);
  expect(tooMany.body["detail"]).toMatch(/the lots of this item would be 21 in all, and the shipment has 20/);
  const packed = await manager(`DELETE /shipments/${byUnit}/lots/${shown[0]!["id"]}`);
  expect(packed.status).toBe(409);
  const [own] = (await manager(`GET ${lots}`)).body as unknown as Row[];
  expect((await manager(`DELETE ${lots}/${own!["id"]}`)).status).toBe(204);
  expect((await recall()).rows.filter(({ kind }) => kind === "shipment").map(({ id }) => id)).toEqual([byUnit]);
});
