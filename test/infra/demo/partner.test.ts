import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { webhookHeaders } from "../../../api/integrations/channels/webhook.ts";
import { openBooks } from "../../../infra/demo/partner/books.ts";
import { openKeepsakes } from "../../../infra/demo/partner/keepsakes.ts";
import { type PartnerServer, startPartnerServer } from "../../../infra/demo/partner/partner-server.ts";
import { quiet } from "../../support/ingest.ts";

let folder: string;
let partner: PartnerServer;
const KEY = Buffer.alloc(32, 7);
const secrets = { webhook: `whsec_${KEY.toString("base64")}`, epcis: "signature token", erp: "token" };
const start = async () => {
  const keepsakes = Object.assign(await openKeepsakes(folder), secrets);
  partner = await startPartnerServer(await openBooks(folder), keepsakes, quiet);
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waystock-partner-"));
  await start();
});
afterEach(async () => {
  await partner.close();
  await rm(folder, { recursive: true, force: true });
});

const authorization = { Authorization: "Bearer token" };
const read = async (path: string) => (await fetch(`${partner.url}/erp/${path}`, { headers: authorization })).text();
const put = async (path: string, body: string, headers: Record<string, string> = authorization) =>
  (await fetch(`${partner.url}/erp/${path}`, { method: "PUT", body, headers })).status;
const shown = async () => (await fetch(partner.url)).text();

const RECEIPT = "key,reverses,document,order,line,item,quantity,at,reference\nk,,receipt,BUY-1,1,TEA-100,40,,\n";
const DELIVERY = "key,reverses,document,order,line,item,quantity,at,reference\nd,,delivery,WEB-1,1,TEA-100,3,,\n";

test("the books of the ERP count each document once, and outlive the demo", async () => {
  const books = await openBooks(folder);
  expect(await books.order("purchase", "TEA-100", 40)).toBe("BUY-1");
  expect(books.free("TEA-100")).toEqual({ free: 0, awaited: 40 });
  await partner.close();
  await start();
  expect(await read("purchases.csv")).toMatch(/^BUY-1,Fine Foods Ltd,WEB,TEA-100,40,piece,\d{4}-\d\d-\d\d,/m);
  expect(await put("outbox/k.csv", RECEIPT)).toBe(201);
  expect(await put("outbox/k.csv", RECEIPT)).toBe(204);
  expect(await read("levels.csv")).toContain("TEA-100,WEB,40");
  expect(await put("outbox/d.csv", DELIVERY)).toBe(201);
  expect(await put("outbox/d-reversal.csv", DELIVERY.replace("d,,", "d,d,").replace(",3,", ",-3,"))).toBe(201);
  expect(await put("outbox/d2.csv", DELIVERY)).toBe(201);
  await partner.close();
  await start();
  expect(await read("levels.csv")).toContain("TEA-100,WEB,37");
  const opened = await openBooks(folder);
  expect(opened.free("TEA-100")).toEqual({ free: 40, awaited: 0 });
  await opened.order("sale", "TEA-100", 3);
  expect(opened.free("TEA-100")).toEqual({ free: 37, awaited: 0 });
});

test("the ERP answers to its token alone, and gives and takes nothing outside its folders", async () => {
  expect(await put("outbox/k.csv", RECEIPT, { Authorization: "Bearer guess" })).toBe(401);
  expect((await fetch(`${partner.url}/erp/items.csv`)).status).toBe(401);
  for (const path of ["items.csv", "outbox/..%2f..%2fx.csv", "x.csv", "outbox/x.txt"])
    expect(await put(path, RECEIPT)).toBe(403);
  for (const path of ["outbox/none.csv", "..%2fpostgres%2fPG_VERSION", "outbox"])
    expect((await fetch(`${partner.url}/erp/${path}`, { headers: authorization })).status).toBe(404);
});

test("webhooks and EPCIS documents are taken when their signature is right, and shown", async () => {
  const event = JSON.stringify({ type: "waystock.order.created.v1", subject: "/orders/1" });
  const post = async (path: string, body: string, headers: Record<string, string>) =>
    (await fetch(`${partner.url}${path}`, { method: "POST", body, headers })).status;
  const other = Buffer.alloc(32, 8);
  expect(await post("/webhooks", event, webhookHeaders("e-1", [other, KEY], event, Date.now()))).toBe(204);
  expect(await post("/webhooks", event, webhookHeaders("e-1", [other], event, Date.now()))).toBe(401);
  expect(await post("/webhooks", event, webhookHeaders("e-1", [KEY], event, Date.now() - 3_600_000))).toBe(401);
  const results = { resultsBody: { eventList: [{ type: "ObjectEvent", bizStep: "accepting" }] } };
  const document = JSON.stringify({ epcisBody: { queryResults: results } });
  const signature = createHmac("sha256", secrets.epcis).update(document).digest("base64");
  expect(await post("/epcis", document, { "GS1-Signature": signature })).toBe(204);
  expect(await post("/epcis", document, {})).toBe(401);
  expect((await shown()).match(/Z {2}(webhook|EPCIS) .*/g)).toEqual([
    "Z  EPCIS    ObjectEvent  accepting",
    "Z  webhook  waystock.order.created.v1  /orders/1",
  ]);
});

test("the next demo has the address and the secrets of this one, and another address when that is in use", async () => {
  await partner.keepsakes.save();
  const { port } = partner.keepsakes;
  const next = await openKeepsakes(folder);
  expect(next).toMatchObject({ port, ...secrets });
  const other = await startPartnerServer(await openBooks(folder), next, quiet);
  expect(other.host).not.toBe(partner.host);
  await other.close();
  await partner.close();
  await start();
  expect(partner.keepsakes.port).toBe(port);
});
