import { afterAll, beforeAll, expect, test } from "vitest";
import { worldIn } from "../../../support/world.ts";
import { startApi, type TestApi } from "../../support.ts";
import { capture, CONTEXT, documentWith, eventWith } from "./epcis-test.ts";

let api: TestApi;
let operator: Awaited<ReturnType<TestApi["as"]>>;
let viewer: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi({ gs1CompanyPrefix: "0614141" });
  operator = await api.as("operator");
  viewer = await api.as("viewer");
});
afterAll(() => api?.close());

const bare = (fields: object = {}) => ({ "@context": CONTEXT, ...eventWith(fields) });

test("an event gets its address; sent again it is there already", async () => {
  const text = JSON.stringify(bare(), null, 1).replace('"shipping"', '"shipping",\n "example:weight": 12.50');
  const sent = await operator("POST /epcis/events", text);
  expect(sent.status).toBe(201);
  const location = sent.headers.get("Location")!;
  expect(decodeURIComponent(location)).toMatch(/^\/epcis\/events\/ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/);
  const { body, status } = await viewer(`GET ${location}`);
  expect(status).toBe(200);
  const { eventID, recordTime, ...event } = body;
  expect(event).toEqual(JSON.parse(text));
  expect(`/epcis/events/${encodeURIComponent(String(eventID))}`).toBe(location);
  expect(Number.isNaN(Date.parse(String(recordTime)))).toBe(false);
  const again = await operator("POST /epcis/events", text);
  expect(again).toMatchObject({ status: 409, body: { type: "epcisException:ResourceAlreadyExistsException" } });
  const raw = await api.app.request(location, { headers: { Authorization: `Bearer ${await api.tokenOf("viewer")}` } });
  expect(await raw.text()).toContain('"example:weight": 12.50');
});

test("an event without its context, without its action, or with others is refused", async () => {
  const { "@context": _, ...without } = bare();
  expect((await operator("POST /epcis/events", without)).body["detail"]).toContain("@context");
  const { action: __, ...noAction } = bare() as Record<string, unknown>;
  expect((await operator("POST /epcis/events", noAction)).body["detail"]).toContain("action");
  expect((await operator("POST /epcis/events", documentWith(eventWith(), eventWith()))).status).toBe(400);
  expect((await operator("POST /epcis/events", documentWith(eventWith()))).status).toBe(201);
});

test("the header GS1-EPC-Format chooses how identifiers are spelled", async () => {
  const event = bare({
    epcList: ["urn:epc:id:sscc:0614141.1234567890", "https://id.gs1.org/01/10614141073464/21/2017"],
    readPoint: { id: "urn:epc:id:sgln:4012345.00005.0" },
  });
  const location = (await operator("POST /epcis/events", event)).headers.get("Location")!;
  const read = (format: string) => viewer(`GET ${location}`, undefined, { "GS1-EPC-Format": format });
  expect((await read("Never_Translates")).body["epcList"]).toEqual(event["epcList" as keyof typeof event]);
  const links = await read("Always_GS1_Digital_Link");
  expect(links.headers.get("GS1-EPC-Format")).toBe("Always_GS1_Digital_Link");
  expect(links.body).toMatchObject({
    epcList: ["https://id.gs1.org/00/106141412345678908", "https://id.gs1.org/01/10614141073464/21/2017"],
    readPoint: { id: "https://id.gs1.org/414/4012345000054" },
  });
  expect((await read("Always_EPC_URN")).body["epcList"]).toEqual([
    "urn:epc:id:sscc:0614141.1234567890",
    "urn:epc:id:sgtin:0614141.107346.2017",
  ]);
  expect(await read("URN")).toMatchObject({ status: 406, body: { type: "epcisException:NotAcceptableException" } });
});

test("of an event that was declared wrong the declaration is answered", async () => {
  const event = eventWith({ eventID: "urn:x:declared" });
  const errorDeclaration = {
    declarationTime: "2026-03-02T08:00:00Z",
    reason: "incorrect_data",
    correctiveEventIDs: ["urn:x:right"],
  };
  await capture(operator, documentWith(event));
  await capture(operator, documentWith({ ...event, errorDeclaration }));
  expect((await viewer("GET /epcis/events/urn:x:declared")).body).toMatchObject({ errorDeclaration });
  expect((await viewer("GET /epcis/events/urn:x:unknown")).status).toBe(404);
});

test("those who are limited to places see the events there, and capture none", async () => {
  const world = worldIn(api.db.pool);
  const [own, foreign] = [await world.location("own", "storage"), await world.location("foreign", "storage")];
  await api.db.pool.query(
    "UPDATE locations SET barcode = CASE id WHEN $1 THEN '4012345000054' ELSE '4012345000061' END",
    [own],
  );
  expect(foreign).not.toBe(own);
  const at = async (gln: string) =>
    (await operator("POST /epcis/events", bare({ readPoint: { id: `https://id.gs1.org/414/${gln}` } }))).headers.get(
      "Location",
    )!;
  const [here, there, nowhere] = [await at("4012345000054"), await at("4012345000061"), await at("4012345000078")];
  const limited = await api.as("operator");
  await api.db.pool.query("UPDATE users SET location_ids = $1 WHERE id = (SELECT max(id) FROM users)", [[own]]);
  await expect.poll(async () => (await limited(`GET ${there}`)).status).toBe(404);
  expect((await limited(`GET ${here}`)).status).toBe(200);
  expect((await limited(`GET ${nowhere}`)).status).toBe(404);
  expect((await limited("POST /epcis/events", bare())).status).toBe(404);
  expect((await limited("POST /epcis/capture", documentWith(eventWith()))).status).toBe(404);
  expect((await limited("GET /epcis/capture")).status).toBe(404);
});
