import { once } from "node:events";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { appendEpcisEvents } from "../../../../api/integrations/epcis/repository/append.ts";
import { transaction } from "../../../../ingest/decisions/record-facts.ts";
import { freePort } from "../../../../infra/runtime/free-port.ts";
import { type HttpServer, serveHttp } from "../../../../infra/runtime/http-server.ts";
import { worldIn } from "../../../support/world.ts";
import { addPerson, callAs, PASSWORD } from "../../auth/people.ts";
import { startApi, type TestApi } from "../../support.ts";

const STEP = "https://example.com/step/followed";
const CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";

let api: TestApi;
let server: HttpServer;
let url: string;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  api = await startApi();
  const port = await freePort("127.0.0.1");
  server = await serveHttp(api.app.fetch, { host: "127.0.0.1", port }, undefined);
  url = `ws://127.0.0.1:${port}/epcis/queries`;
  const manager = await api.as("manager");
  const made = await manager("POST /epcis/queries", { name: "followed", query: { EQ_bizStep: [STEP] } });
  expect(made.status).toBe(201);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
  await server?.close();
  await api?.close();
});

const record = (eventID: string, locationId: number | null = null) =>
  transaction(api.db.pool, (client) =>
    appendEpcisEvents(
      client,
      [
        {
          event: {
            ...{ type: "ObjectEvent", eventTime: "2026-03-01T08:00:00Z", eventTimeZoneOffset: "+00:00", eventID },
            ...{ action: "OBSERVE", bizStep: STEP, epcList: ["urn:epc:id:sscc:0614141.1234567890"] },
          },
          locationId,
        },
      ],
      { source: "captured", context: CONTEXT },
    ),
  );

interface Follower {
  socket: WebSocket;
  headers: Record<string, string | string[] | undefined>;
  ids: string[];
  documents: number;
  closed: Promise<number>;
}

/** Opens a WebSocket. @throws the status with which it was refused */
async function follow(search: string, headers: Record<string, string>, name = "followed"): Promise<Follower> {
  const socket = new WebSocket(`${url}/${name}/events${search}`, { headers });
  sockets.push(socket);
  const follower: Follower = {
    ...{ socket, headers: {}, ids: [], documents: 0 },
    closed: new Promise((resolve) => socket.on("close", resolve)),
  };
  socket.on("upgrade", (response) => (follower.headers = response.headers));
  socket.on("message", (data: Buffer) => {
    const document = JSON.parse(data.toString("utf8")) as {
      epcisBody: { queryResults: { queryName: string; resultsBody: { eventList: { eventID: string }[] } } };
    };
    follower.documents += 1;
    follower.ids.push(...document.epcisBody.queryResults.resultsBody.eventList.map(({ eventID }) => eventID));
  });
  await new Promise<void>((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", () => undefined);
    socket.on("unexpected-response", (_request, response) => {
      socket.terminate();
      reject(new Error(String(response.statusCode)));
    });
  });
  return follower;
}
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

test("a stream tells of events as they are recorded, and of those since a record time first", async () => {
  const token = await api.tokenOf("viewer");
  await record("urn:example:ws:before");
  const follower = await follow("?stream=true", bearer(token));
  expect(Date.parse(String(follower.headers["gs1-query-min-record-time"]))).not.toBeNaN();
  await record("urn:example:ws:1");
  await expect.poll(() => follower.ids).toEqual(["urn:example:ws:1"]);
  const since = await follow("?stream=true&initialRecordTime=2020-01-01T00:00:00Z", bearer(token));
  await expect.poll(() => since.ids).toEqual(["urn:example:ws:before", "urn:example:ws:1"]);
  await record("urn:example:ws:2");
  await expect.poll(() => [follower.ids.at(-1), since.ids.at(-1)]).toEqual(["urn:example:ws:2", "urn:example:ws:2"]);
});

test("a schedule tells at its times", async () => {
  const token = await api.tokenOf("viewer");
  const follower = await follow("?second=0/1&reportIfEmpty=true", bearer(token));
  await expect.poll(() => follower.documents, { timeout: 10_000 }).toBeGreaterThan(0);
  await record("urn:example:ws:scheduled");
  await expect.poll(() => follower.ids, { timeout: 10_000 }).toEqual(["urn:example:ws:scheduled"]);
});

test("it is told what its user may see, and no more", async () => {
  const world = worldIn(api.db.pool);
  const [here, there] = [await world.location("here", "storage"), await world.location("there", "storage")];
  const limited = await api.tokenOf("viewer");
  await api.db.pool.query("UPDATE users SET location_ids = ARRAY[$1::int] WHERE id = (SELECT max(id) FROM users)", [
    here,
  ]);
  const follower = await follow("?stream=true", bearer(limited));
  await record("urn:example:ws:there", there);
  await record("urn:example:ws:nowhere");
  await record("urn:example:ws:here", here);
  await expect.poll(() => follower.ids).toEqual(["urn:example:ws:here"]);
});

test("it ends with its query, also when another process deletes that, and other streams go on", async () => {
  const manager = await api.as("manager");
  for (const name of ["short-lived", "deleted-elsewhere"])
    expect((await manager("POST /epcis/queries", { name, query: { EQ_bizStep: [STEP] } })).status).toBe(201);
  const token = await api.tokenOf("viewer");
  const other = await follow("?stream=true", bearer(token));
  const follower = await follow("?stream=true", bearer(token), "short-lived");
  const scheduled = await follow("?second=0/1", bearer(token), "deleted-elsewhere");
  expect((await manager("DELETE /epcis/queries/short-lived")).status).toBe(204);
  expect(await follower.closed).toBe(1000);
  await api.db.pool.query("DELETE FROM epcis_queries WHERE name = 'deleted-elsewhere'");
  expect(await scheduled.closed).toBe(1000);
  await record("urn:example:ws:goes-on");
  await expect.poll(() => other.ids).toEqual(["urn:example:ws:goes-on"]);
});

test("it ends with the session", async () => {
  const follower = await follow("?stream=true", bearer(await api.tokenOf("viewer")));
  await api.db.pool.query("UPDATE users SET active = false WHERE id = (SELECT max(id) FROM users)");
  expect(await follower.closed).toBe(1008);
});

test("nobody opens one without credentials, for another query, or with a stream and a schedule", async () => {
  const headers = bearer(await api.tokenOf("viewer"));
  await expect(follow("?stream=true", {})).rejects.toThrow("401");
  await expect(follow("?stream=true", headers, "unknown")).rejects.toThrow("404");
  await expect(follow("", headers)).rejects.toThrow("400");
  await expect(follow("?stream=true&hour=1", headers)).rejects.toThrow("400");
  await expect(follow("?hour=99", headers)).rejects.toThrow("400");
});

test("a page of another origin cannot open one by the session cookie", async () => {
  await addPerson(api, "follower@waystock.test");
  const login = { email: "follower@waystock.test", password: PASSWORD };
  const { headers } = await callAs(api, "POST /auth/login", login);
  const Cookie = headers
    .getSetCookie()
    .find((cookie) => cookie.startsWith("waystock_session="))!
    .split(";")[0]!;
  await expect(follow("?stream=true", { Cookie, Origin: "https://evil.example" })).rejects.toThrow("403");
  const own = await follow("?stream=true", { Cookie, Origin: new URL(url.replace("ws:", "http:")).origin });
  await record("urn:example:ws:cookie");
  await expect.poll(() => own.ids).toEqual(["urn:example:ws:cookie"]);
});

test("what is no WebSocket of events stays none", async () => {
  const headers = bearer(await api.tokenOf("viewer"));
  const socket = new WebSocket(`${url.replace("/epcis/queries", "")}/stream`, { headers });
  socket.on("error", () => undefined);
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }];
  expect(response.statusCode).toBe(200);
  socket.terminate();
});
