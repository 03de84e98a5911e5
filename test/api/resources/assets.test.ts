import { afterAll, beforeAll, expect, test } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { startApi, type TestApi } from "../support.ts";

type Row = Record<string, unknown>;
let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api?.close());

const made = async (path: string, body: object): Promise<number> => {
  const answer = await manager(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
};
const refused = async (path: string, body: object): Promise<[number, unknown]> => {
  const { status, body: problem } = await manager(`POST ${path}`, body);
  return [status, problem["detail"]];
};
const list = async (path: string) => (await manager(`GET ${path}`)).body as unknown as Row[];

/** Company prefix 9521101, type 00002; its asset 17 in another spelling. */
const GRAI = withCheckDigit("952110100002");
const EPC = "urn:epc:id:grai:9521101.00002.17";

test("the balance of a party is the sum of what it was given and what it returned", async () => {
  const pallet = await made("/asset-types", {
    name: "Euro pallet",
    kind: "pallet",
    value_cents: 1200,
    currency: "EUR",
  });
  const [acme, best] = [
    await made("/parties", { name: "Acme", roles: ["customer"] }),
    await made("/parties", { name: "Best", roles: ["carrier"] }),
  ];
  const move = (party_id: number, direction: string, quantity: number) =>
    made("/asset-movements", { asset_type_id: pallet, party_id, direction, quantity });
  await move(acme, "given", 33);
  await move(acme, "returned", 20);
  await move(best, "given", 5);
  const wrong = await move(best, "given", 500);
  const back = await manager(`POST /asset-movements/${wrong}/reverse`, { reason: "typing error" });
  expect(back.body).toMatchObject({ quantity: -500, reverses: wrong, reference: "typing error" });
  expect((await refused(`/asset-movements/${wrong}/reverse`, { reason: "again" }))[0]).toBe(409);
  expect((await refused(`/asset-movements/${String(back.body["id"])}/reverse`, { reason: "no" }))[0]).toBe(409);
  expect(await list("/asset-balances")).toMatchObject([
    {
      party: "Acme",
      asset_type: "Euro pallet",
      given: 33,
      returned: 20,
      balance: 13,
      value_cents: 15_600,
      currency: "EUR",
    },
    { party: "Best", given: 5, returned: 0, balance: 5 },
  ]);
  expect(await list(`/asset-balances?party_id=${best}`)).toHaveLength(1);
  const first = await manager("GET /asset-balances?limit=1");
  const next = /<([^>]*)>/.exec(first.headers.get("Link")!)![1]!;
  expect((await manager(`GET ${next}`)).body).toMatchObject([{ party: "Best" }]);
  expect((await manager(`GET /asset-types/${pallet}`)).body).toMatchObject({ out: 18 });
  expect((await manager(`DELETE /asset-types/${pallet}`)).status).toBe(409);
  expect(await list(`/asset-movements?party_id=${best}`)).toMatchObject([
    { quantity: -500 },
    { quantity: 500, reversed_by: back.body["id"] },
    { quantity: 5 },
  ]);
  const [status, detail] = await refused("/asset-movements", {
    asset_type_id: pallet,
    party_id: acme,
    direction: "given",
  });
  expect([status, detail]).toEqual([400, expect.any(String)]);
});

test("one asset with a serial is with one party only, however its code is written", async () => {
  const crate = await made("/asset-types", { name: "Steel crate", kind: "crate", grai: GRAI });
  const acme = await made("/parties", { name: "Acme two", roles: ["customer"] });
  const best = await made("/parties", { name: "Best two", roles: ["customer"] });
  const give = { party_id: acme, direction: "given" };
  const given = await made("/asset-movements", { ...give, assets: [`(8003)0${GRAI}17`, EPC.replace(/17$/, "18")] });
  expect((await manager(`GET /asset-movements/${given}`)).body).toMatchObject({ quantity: 2, serials: ["17", "18"] });
  expect(await refused("/asset-movements", { ...give, party_id: best, assets: [EPC] })).toEqual([
    409,
    expect.stringMatching(/asset 17 is with Acme two since/),
  ]);
  const twice = await refused("/asset-movements", { ...give, asset_type_id: crate, assets: [EPC, "17"] });
  expect(twice[0]).toBe(400);
  const unknown = await refused("/asset-movements", { ...give, assets: ["urn:epc:id:grai:9521101.00003.17"] });
  expect(unknown).toEqual([400, expect.any(String)]);
  await made("/asset-movements", {
    party_id: acme,
    direction: "returned",
    assets: [`https://id.gs1.org/8003/0${GRAI}17`],
  });
  expect(await list(`/assets?asset_type_id=${crate}`)).toMatchObject([
    { serial: "17", party: null },
    { serial: "18", party: "Acme two" },
  ]);
  // One of the two was moved since.
  expect((await refused(`/asset-movements/${given}/reverse`, { reason: "no" }))[1]).toMatch(/asset 17 was moved since/);
  const both = [1, 2].map(() =>
    manager("POST /asset-movements", { party_id: best, direction: "given", assets: [EPC] }),
  );
  expect((await Promise.all(both)).map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  expect(await list(`/asset-balances?asset_type_id=${crate}`)).toMatchObject([
    { party: "Acme two", balance: 1 },
    { party: "Best two", balance: 1 },
  ]);
});
