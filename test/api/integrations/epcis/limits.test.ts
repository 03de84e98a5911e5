import { afterAll, beforeAll, expect, test } from "vitest";
import { appendEpcisEvents } from "../../../../api/integrations/epcis/repository/append.ts";
import { startRelay } from "../../../../api/integrations/relay/relay.ts";
import { transaction } from "../../../../ingest/decisions/record-facts.ts";
import { startLoop } from "../../../../ingest/workers/loop.ts";
import { maskSecrets } from "../../../../infra/runtime/mask-secrets.ts";
import { quiet } from "../../../support/ingest.ts";
import { type HttpReceiver, startHttpReceiver } from "../../../support/receivers.ts";
import { worldIn } from "../../../support/world.ts";
import { SEALER, startApi, type TestApi, type TestResponse } from "../../support.ts";

type Call = (call: string, body?: unknown) => Promise<TestResponse>;

const GLN = "https://id.gs1.org/414/4012345000054";
let api: TestApi;
let http: HttpReceiver;
let relay: ReturnType<typeof startRelay>;
let manager: Call;
/** may see what happened in the yard, and below it */
let ofYard: Call;
/** may see what is about goods of one owner */
let ofOwner: Call;
const serial: Record<string, number> = {};

async function limited(columns: Record<string, number>): Promise<Call> {
  const call = await api.as("manager");
  for (const [column, id] of Object.entries(columns))
    await api.db.pool.query(
      `UPDATE users SET ${column} = ARRAY[$1::int] WHERE id = (SELECT max(id) FROM users WHERE role = 'manager')`,
      [id],
    );
  return call;
}

const record = (name: string, more: { locationId?: number; ownerId?: number; readPoint?: string } = {}) =>
  transaction(api.db.pool, (client) => {
    const { locationId = null, ownerId = null, readPoint } = more;
    serial[name] = (serial[name] ?? 0) + 1;
    const event = {
      ...{ type: "ObjectEvent", eventTime: "2026-03-01T08:00:00Z", eventTimeZoneOffset: "+00:00", action: "OBSERVE" },
      ...{ eventID: `urn:example:${name}:${serial[name]}`, epcList: [`urn:example:epc:${name}`] },
      ...{ bizStep: `https://example.com/step/${name}` },
      ...(readPoint !== undefined && { readPoint: { id: readPoint } }),
    };
    const context = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";
    return appendEpcisEvents(client, [{ event, locationId, ownerId }], { source: "captured", context });
  });

const idsOf = ({ body }: Pick<TestResponse, "body">): string[] =>
  (
    body as { epcisBody: { queryResults: { resultsBody: { eventList: { eventID: string }[] } } } }
  ).epcisBody.queryResults.resultsBody.eventList.map(({ eventID }) => eventID);
const members = async (call: Call, path: string) => (await call(`GET ${path}?perPage=1000`)).body["member"] as string[];

let yard: number;
let shelf: number;
let owner: number;
beforeAll(async () => {
  api = await startApi();
  http = await startHttpReceiver();
  manager = await api.as("manager");
  const world = worldIn(api.db.pool);
  yard = await world.location("yard", "storage");
  const elsewhere = await world.location("elsewhere", "storage");
  shelf = Number((await manager("POST /locations", { name: "shelf", parent_id: yard, barcode: GLN })).body["id"]);
  owner = Number((await manager("POST /parties", { name: "Owner", roles: ["owner"] })).body["id"]);
  ofYard = await limited({ location_ids: yard });
  ofOwner = await limited({ owner_ids: owner });
  await record("shelf", { locationId: shelf, readPoint: GLN });
  await record("elsewhere", { locationId: elsewhere });
  await record("nowhere");
  await record("owned", { locationId: elsewhere, ownerId: owner });
  relay = startRelay({
    ...{ pool: api.db.pool, sealer: SEALER, publicUrl: "http://waystock.test", smtpUrl: undefined },
    ...{ allowedHosts: ["127.0.0.1"], startLoop, maskSecrets, log: quiet, intervalMs: 50 },
  });
});
afterAll(async () => {
  await relay?.close();
  await http?.close();
  await api?.close();
});

test("each query answers what may be seen, and counts nothing else", async () => {
  expect(idsOf(await manager("GET /epcis/events"))).toHaveLength(4);
  expect(idsOf(await ofYard("GET /epcis/events"))).toEqual(["urn:example:shelf:1"]);
  expect(idsOf(await ofOwner("GET /epcis/events"))).toEqual(["urn:example:owned:1"]);
  expect(idsOf(await ofYard("GET /epcis/events?MATCH_epc=urn:example:epc:*"))).toEqual(["urn:example:shelf:1"]);
  expect(idsOf(await ofYard("GET /epcis/events?MATCH_epc=urn:example:epc:owned"))).toEqual([]);
  expect((await ofYard("GET /epcis/events?maxEventCount=1")).status).toBe(200);
  expect(idsOf(await ofYard("POST /epcis/queries", { query: { EQ_action: ["OBSERVE"] } }))).toEqual([
    "urn:example:shelf:1",
  ]);
});

test("a place has what lies below it, by the tree of locations", async () => {
  await api.db.pool.query("UPDATE locations SET barcode = 'https://example.com/yard' WHERE id = $1", [yard]);
  expect(idsOf(await manager("GET /epcis/events?WD_readPoint=https://example.com/yard"))).toEqual([
    "urn:example:shelf:1",
  ]);
  expect(idsOf(await manager("GET /epcis/events?EQ_readPoint=https://example.com/yard"))).toEqual([]);
  expect(idsOf(await manager("GET /epcis/events?WD_bizLocation=https://example.com/yard"))).toEqual([]);
});

test("the resources at the top list what is named in events that may be seen; the rest does not exist", async () => {
  expect(await members(ofYard, "/epcis/epcs")).toEqual(["urn:example:epc:shelf"]);
  expect(await members(ofOwner, "/epcis/epcs")).toEqual(["urn:example:epc:owned"]);
  expect(await members(ofOwner, "/epcis/readPoints")).toEqual([]);
  expect(await members(ofYard, "/epcis/readPoints")).toEqual([GLN]);
  const steps = await members(ofYard, "/epcis/bizSteps");
  expect(steps).toContain("https://example.com/step/shelf");
  expect(steps).not.toContain("https://example.com/step/owned");
  expect(steps).toContain("shipping");
  expect(await members(ofYard, "/epcis/eventTypes")).toContain("AssociationEvent");
  const known = encodeURIComponent("urn:example:epc:shelf");
  expect((await ofYard(`GET /epcis/epcs/${known}`)).body).toMatchObject({ type: "Collection", member: ["events"] });
  expect(idsOf(await ofYard(`GET /epcis/epcs/${known}/events`))).toEqual(["urn:example:shelf:1"]);
  for (const rest of ["", "/events"])
    expect(await ofYard(`GET /epcis/epcs/urn:example:epc:owned${rest}`)).toMatchObject({
      status: 404,
      body: { type: "epcisException:NoSuchResourceException" },
    });
  expect(idsOf(await ofYard("GET /epcis/bizSteps/shipping/events"))).toEqual([]);
  expect((await ofYard("GET /epcis/bizSteps/nothing-such")).status).toBe(404);
});

test("a subscription is told what its maker may see, and is seen by those without limits and by its maker", async () => {
  expect((await manager("POST /epcis/queries", { name: "all", query: {} })).status).toBe(201);
  const at = "/epcis/queries/all/subscriptions";
  const made = await ofYard(`POST ${at}`, { dest: `${http.url}/yard`, stream: true });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const path = made.headers.get("Location")!;
  await ofOwner(`POST ${at}`, { dest: `${http.url}/owner`, stream: true });
  await record("elsewhere", {});
  await record("owned", { ownerId: owner });
  await record("shelf", { locationId: shelf });
  const told = (to: string) => http.at(to).flatMap(({ body }) => idsOf({ body: JSON.parse(body) as never }));
  await expect.poll(() => told("/yard")).toEqual(["urn:example:shelf:2"]);
  await expect.poll(() => told("/owner")).toEqual(["urn:example:owned:2"]);
  expect((await ofOwner(`GET ${at}`)).body).toHaveLength(1);
  expect((await manager(`GET ${at}`)).body).toHaveLength(2);
  expect((await ofOwner(`GET ${path}`)).status).toBe(404);
  expect((await ofOwner(`DELETE ${path}`)).status).toBe(404);
  expect((await ofOwner("DELETE /epcis/queries/all")).status).toBe(403);
  expect((await ofYard(`DELETE ${path}`)).status).toBe(204);
});
