import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

type Call = Awaited<ReturnType<TestApi["as"]>>;

let api: TestApi;
let admin: Call;
let manager: Call;
let operator: Call;
beforeAll(async () => {
  api = await startApi();
  [admin, manager, operator] = [await api.as("admin"), await api.as("manager"), await api.as("operator")];
});
afterAll(() => api?.close());

/** What each kind of thing needs beside its custom fields. */
const NEW: Readonly<Record<string, (n: number) => object>> = {
  items: (n) => ({ sku: `S-${n}`, name: `Item ${n}` }),
  locations: (n) => ({ name: `Place ${n}` }),
  parties: (n) => ({ name: `Party ${n}`, roles: "customer" }),
  shipments: (n) => ({ product_name: `Goods ${n}`, quantity: 1, location: "storage" }),
  vehicles: (n) => ({ name: `Truck ${n}` }),
};
const THINGS = Object.keys(NEW);
let made = 0;
const fresh = (thing: string) => NEW[thing]!((made += 1));

const idsOf = async (path: string, call = manager): Promise<number[]> => {
  const { status, body } = await call(`GET ${path}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return (body as unknown as { id: number }[]).map(({ id }) => id);
};
const field = async (body: object): Promise<number> => {
  const answer = await admin("POST /custom-fields", body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return Number(answer.body["id"]);
};
const errorsOf = (body: Record<string, unknown>) =>
  Object.fromEntries((body["errors"] as { pointer: string; message: string }[]).map((e) => [e.pointer, e.message]));

describe.each(THINGS)("custom fields of %s", (thing) => {
  beforeAll(async () => {
    await field({ thing, name: "colour", label: "Colour", type: "choice", choices: ["red", "blue"] });
    await field({ thing, name: "length", label: "Length", type: "number", unit: "m" });
    await field({ thing, name: "checked_on", label: "Checked on", type: "date" });
    await field({ thing, name: "fragile", label: "Fragile", type: "boolean" });
    await field({ thing, name: "remark", label: "Remark", type: "text" });
  });

  test("are kept as they were sent, changed, and taken away", async () => {
    const attributes = { colour: "red", length: 2.5, checked_on: "2026-02-28", fragile: true, remark: "ä" };
    const added = await manager(`POST /${thing}`, {
      ...fresh(thing),
      attributes,
      tags: ["Cold ", "returnable", "cold"],
    });
    expect(added.status, JSON.stringify(added.body)).toBe(201);
    expect(added.body).toMatchObject({ attributes, tags: ["cold", "returnable"] });
    const path = `/${thing}/${String(added.body["id"])}`;
    const kept = await manager(`PUT ${path}`, { tags: [] });
    expect(kept.body).toMatchObject({ attributes, tags: [] });
    expect(kept.headers.get("ETag")).not.toBe(added.headers.get("ETag"));
    const changed = await manager(`PUT ${path}`, { attributes: { colour: "blue", length: null, remark: "" } });
    expect(changed.body["attributes"]).toEqual({ colour: "blue" });
    expect((await manager(`GET ${path}`)).body["attributes"]).toEqual({ colour: "blue" });
    const { rows } = await api.db.pool.query("SELECT field, value FROM custom_values WHERE thing = $1 AND id = $2", [
      thing,
      added.body["id"],
    ]);
    expect(rows).toEqual([{ field: "colour", value: "blue" }]);
  });

  test("name each mistake, and nothing is changed", async () => {
    const { body } = await manager(`POST /${thing}`, { ...fresh(thing), attributes: { colour: "red" } });
    const path = `/${thing}/${String(body["id"])}`;
    const wrong = { colour: "green", length: "2", checked_on: "2026-02-30", fragile: 1, remark: true, size: 3 };
    const answer = await manager(`PUT ${path}`, { attributes: wrong, tags: ["kept out"] });
    expect(answer.status).toBe(400);
    expect(errorsOf(answer.body)).toEqual({
      "/attributes/colour": "expected one of red, blue",
      "/attributes/length": "expected a number of m",
      "/attributes/checked_on": "expected a day such as 2026-11-21",
      "/attributes/fragile": "expected true or false",
      "/attributes/remark": "expected a text",
      "/attributes/size": expect.stringContaining("has no such field; it has colour, length"),
    });
    expect((await manager(`GET ${path}`)).body).toMatchObject({ attributes: { colour: "red" }, tags: [] });
    expect((await manager(`PUT ${path}`, { tags: ["a,b"] })).status).toBe(400);
  });

  test("filter the list, alone and together, page by page", async () => {
    const ids: number[] = [];
    for (const [colour, length, tags] of [
      ["red", 7, ["filtered"]],
      ["red", 8, ["filtered", "both"]],
      ["blue", 7, ["both", "filtered"]],
    ] as const) {
      const { body } = await manager(`POST /${thing}`, { ...fresh(thing), attributes: { colour, length }, tags });
      ids.push(Number(body["id"]));
    }
    const by = (attributes: object, more = "") =>
      idsOf(`/${thing}?attributes=${encodeURIComponent(JSON.stringify(attributes))}${more}`);
    expect(await by({ length: 7 })).toEqual([ids[0], ids[2]]);
    expect(await by({ length: 7, colour: "red" })).toEqual([ids[0]]);
    expect(await by({ length: 7.0, colour: "red" }, "&tags=both")).toEqual([]);
    expect(await idsOf(`/${thing}?tags=Filtered`)).toEqual(ids);
    expect(await idsOf(`/${thing}?tags=filtered,both`)).toEqual([ids[1], ids[2]]);
    const first = await manager(`GET /${thing}?tags=filtered&limit=2`);
    expect(first.body).toHaveLength(2);
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get("Link") ?? "")![1]!;
    expect(await idsOf(next)).toEqual([ids[2]]);
    for (const [query, pointer] of [
      ["{}x", "/attributes"],
      ['{"size":1}', "/attributes/size"],
      ['{"length":"7"}', "/attributes/length"],
    ]) {
      const answer = await manager(`GET /${thing}?attributes=${encodeURIComponent(query!)}`);
      expect([answer.status, Object.keys(errorsOf(answer.body))]).toEqual([400, [pointer]]);
    }
  });

  test("a required one is asked of new things, and of those whose attributes change", async () => {
    const before = await manager(`POST /${thing}`, fresh(thing));
    const id = await field({ thing, name: "origin", label: "Country of origin", type: "text", required: true });
    const answer = await manager(`POST /${thing}`, fresh(thing));
    expect(answer.status).toBe(400);
    expect(errorsOf(answer.body)).toEqual({ "/attributes/origin": "a value is needed: Country of origin" });
    const path = `/${thing}/${String(before.body["id"])}`;
    expect((await manager(`PUT ${path}`, { tags: ["old"] })).status).toBe(200);
    expect((await manager(`PUT ${path}`, { attributes: {} })).status).toBe(400);
    expect((await manager(`PUT ${path}`, { attributes: { origin: "IT" } })).status).toBe(200);
    expect((await admin(`DELETE /custom-fields/${id}`)).status).toBe(409);
    expect((await admin(`PUT /custom-fields/${id}`, { required: false })).status).toBe(200);
    expect((await manager(`PUT ${path}`, { attributes: {} })).status).toBe(200);
    expect((await admin(`DELETE /custom-fields/${id}`)).status).toBe(204);
  });

  test("the search finds it by its tags, and by words in them", async () => {
    const tag = `${thing} rare-tag`;
    const { body } = await manager(`POST /${thing}`, { ...fresh(thing), tags: [tag] });
    const hit = async (q: string) =>
      ((await manager(`GET /search?q=${encodeURIComponent(q)}`)).body as unknown as { path: string }[]).map(
        (h) => h.path,
      );
    expect(await hit(tag)).toEqual([`/${thing}/${String(body["id"])}`]);
    expect(await hit("rare-tag")).toContain(`/${thing}/${String(body["id"])}`);
    await manager(`PUT /${thing}/${String(body["id"])}`, { tags: [] });
    expect(await hit(tag)).toEqual([]);
  });
});

describe("the schema", () => {
  let made = 0;
  const SIZE = () => ({
    thing: "vehicles",
    name: `size_${(made += 1)}`,
    label: "Size",
    type: "choice",
    choices: ["S", "M"],
  });
  beforeEach(() => expect(api).toBeDefined());

  test("is read by everybody, and changed by administrators alone", async () => {
    expect((await operator("GET /custom-fields?thing=vehicles")).status).toBe(200);
    for (const call of [manager, operator]) expect((await call("POST /custom-fields", SIZE())).status).toBe(403);
  });

  test("one name is one field, and a field fits its type", async () => {
    const size = SIZE();
    await field(size);
    expect((await admin("POST /custom-fields", size)).status).toBe(409);
    for (const wrong of [
      { ...SIZE(), choices: undefined },
      { ...SIZE(), type: "text" },
      { ...SIZE(), choices: ["S", "S"] },
      { ...SIZE(), name: "No Such Name" },
      { ...SIZE(), unit: "kg" },
      { ...SIZE(), thing: "orders" },
    ])
      expect((await admin("POST /custom-fields", wrong)).status, JSON.stringify(wrong)).toBe(400);
  });

  test("a choice that is in use stays, and others may come and go", async () => {
    const size = SIZE();
    const id = await field(size);
    const { body } = await manager("POST /vehicles", { name: "Van", attributes: { [size.name]: "M" } });
    expect((await admin(`PUT /custom-fields/${id}`, { choices: ["S", "L"] })).status).toBe(409);
    expect((await admin(`PUT /custom-fields/${id}`, { choices: ["M", "L"] })).status).toBe(200);
    expect((await admin(`PUT /custom-fields/${id}`, { unit: "kg" })).status).toBe(400);
    expect((await manager(`PUT /vehicles/${String(body["id"])}`, { attributes: { [size.name]: "L" } })).status).toBe(
      200,
    );
  });

  test("an import fills fields and tags, and an export says them again", async () => {
    await field({ thing: "items", name: "shelf_life", label: "Shelf life", type: "number", unit: "days" });
    const rows = [
      { sku: "IMP-1", name: "Imported", storage_category: "Chilled", tags: "a; b", attributes: '{"shelf_life":30}' },
      { sku: "IMP-2", name: "Refused", attributes: '{"shelf_life":"long"}' },
    ];
    const csv = (of: Record<string, string>[]) =>
      ["sku,name,storage_category,tags,attributes"]
        .concat(
          of.map((r) =>
            [r["sku"], r["name"], r["storage_category"], r["tags"], r["attributes"]]
              .map((text) => `"${(text ?? "").replaceAll('"', '""')}"`)
              .join(","),
          ),
        )
        .join("\r\n");
    const imported = await admin("POST /imports/items", csv(rows), { "Content-Type": "text/csv" });
    expect(imported.body).toMatchObject({
      created: 1,
      errors: [{ column: "attributes", message: "expected a number of days" }],
    });
    const [item] = (await manager("GET /items?q=IMP-1")).body as unknown as object[];
    expect(item).toMatchObject({ storage_category: "chilled", tags: ["a", "b"], attributes: { shelf_life: 30 } });
    const exported = await api.app.request("/exports/items.csv", {
      headers: { Authorization: `Bearer ${await api.tokenOf("admin")}` },
    });
    const again = await admin("POST /imports/items", await exported.text(), { "Content-Type": "text/csv" });
    expect(again.body).toMatchObject({ created: 0, updated: 0, errors: [] });
  });
});
