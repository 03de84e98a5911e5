import { afterAll, beforeAll, expect, test } from "vitest";
import { startRelay } from "../../../api/integrations/relay/relay.ts";
import { startLoop } from "../../../ingest/workers/loop.ts";
import { maskSecrets } from "../../../infra/runtime/mask-secrets.ts";
import { startErpnext } from "../../support/erp/erpnext.ts";
import { quiet, startIngestRig } from "../../support/ingest.ts";
import { type HttpReceiver, startHttpReceiver } from "../../support/receivers.ts";
import { SEALER } from "../support.ts";
import { type ErpTest, startErpTest } from "./erp/erp-test.ts";
import { verified } from "./webhooks/webhook-test.ts";

let erp: ErpTest;
let http: HttpReceiver;
let ingest: Awaited<ReturnType<typeof startIngestRig>>;
let relay: ReturnType<typeof startRelay>;
beforeAll(async () => {
  erp = await startErpTest();
  http = await startHttpReceiver();
  await erp.world.device("door", "scan", { location_id: erp.shop });
  ingest = await startIngestRig(erp.pool);
  const options = { pool: erp.pool, sealer: SEALER, publicUrl: "http://waystock.test", allowedHosts: ["127.0.0.1"] };
  relay = startRelay({ ...options, smtpUrl: undefined, startLoop, maskSecrets, log: quiet, intervalMs: 50 });
});
afterAll(async () => {
  await relay?.close();
  await ingest?.close();
  await http?.close();
  await erp?.close();
});

interface EpcisEvent {
  eventID: string;
  bizStep?: string;
  errorDeclaration?: { reason?: string; correctiveEventIDs?: string[] };
}
interface Told {
  epcisBody: { queryResults: { resultsBody: { eventList: EpcisEvent[] } } };
}

test("what turns out wrong after delivery reaches a webhook, an EPCIS subscriber and an ERP as a correction, each once by its id", async () => {
  const erpnext = await startErpnext();
  const { documents, warehouse } = erpnext;
  documents.insert("Customer", { customer_name: "Corner Shop" });
  erpnext.item("TEA");
  const stocked = documents.insert("Stock Entry", { items: [{ item_code: "TEA", qty: 40, t_warehouse: warehouse }] });
  documents.update("Stock Entry", stocked.name, { docstatus: 1 });
  const connection = await erp.connect({
    ...{ name: "ERPNext", kind: "erpnext", url: erpnext.url },
    credentials: { api_key: erpnext.apiKey, api_secret: erpnext.apiSecret },
    options: {
      company: "My Company",
      warehouses: [{ external_id: warehouse, location_id: erp.hub }],
      customers: [{ external_id: "Corner Shop", location_id: erp.shop }],
      ship: "automatic",
    },
  });
  const pass = () => erp.admin(`POST /erp/connections/${connection}/sync`);
  const hook = await erp.admin("POST /webhooks", { url: `${http.url}/hook`, types: ["shipment.*"], ordered: true });
  expect(hook.status).toBe(201);
  await erp.admin("POST /epcis/queries", { name: "all", query: { eventType: ["ObjectEvent", "AggregationEvent"] } });
  const subscription = { dest: `${http.url}/epcis`, signatureToken: "a secret of the partner", stream: true };
  expect((await erp.admin("POST /epcis/queries/all/subscriptions", subscription)).status).toBe(201);

  // The level there is right; an order is placed there, and leaves.
  await pass();
  await expect.poll(() => erp.openConflicts(connection)).toHaveLength(1);
  const [difference] = await erp.openConflicts(connection);
  await erp.admin(`POST /erp/conflicts/${difference!.id}/resolve`, { keep: "theirs" });
  const order = erpnext.sell("Corner Shop", [["TEA", 12]]).name;
  await pass();
  const shipmentsOf = () => erp.list<{ id: number; tracking_number: string }>(`/shipments?q=${order}`);
  await expect.poll(shipmentsOf).toHaveLength(1);
  const [{ id, tracking_number: code }] = (await shipmentsOf()) as [{ id: number; tracking_number: string }];
  await erp.admin(`POST /shipments/${id}/load`, { vehicle_id: erp.truck });
  await ingest.publish("devices/door/scan", { ts: Date.now(), code, action: "deliver" });
  await ingest.settled();

  const hooked = () => http.at("/hook").map((post) => verified(String(hook.body["secret"]), post));
  const subscribed = () =>
    http.at("/epcis").flatMap(({ body }) => (JSON.parse(body) as Told).epcisBody.queryResults.resultsBody.eventList);
  const delivered = () =>
    (documents.get("Sales Order", order)!["items"] as { delivered_qty?: number }[])[0]!.delivered_qty ?? 0;
  // A correction tells the status, too, that it takes back.
  const isDelivery = ({ type, data }: Record<string, unknown>) =>
    type === "waystock.shipment.stage_changed.v1" && (data as { status?: string }).status === "delivered";
  await expect.poll(() => hooked().filter(isDelivery)).toHaveLength(1);
  const accepting = () => subscribed().filter(({ bizStep }) => bizStep?.endsWith("accepting"));
  await expect.poll(accepting).toHaveLength(1);
  await pass();
  await expect.poll(delivered).toBe(12);
  const [[hookedDelivery], [told]] = [hooked().filter(isDelivery), accepting()];

  // It was another box: the scan is void.
  const events = await erp.list<{ id: number; type: string }>(`/shipments/${id}/events`);
  const scan = events.findLast(({ type }) => type === "scanned")!;
  const voiding = await erp.admin(`POST /shipments/${id}/events/${scan.id}/void`, { reason: "another box" });
  expect(voiding.status).toBe(200);
  const corrections = () => hooked().filter(({ corrects }) => corrects === hookedDelivery!["id"]);
  await expect
    .poll(corrections)
    .toMatchObject([
      { type: "waystock.shipment.corrected.v1", data: { kind: "withdrawn", reason: "void: another box" } },
    ]);
  const declared = () => subscribed().filter((event) => event.eventID === told!.eventID && event.errorDeclaration);
  await expect.poll(declared).toHaveLength(1);
  await pass();
  await expect.poll(delivered).toBe(0);

  // Once more of everything: nothing comes twice.
  await pass();
  await ingest.publish("devices/door/scan", { ts: Date.now(), code, action: "deliver" });
  await ingest.settled();
  await expect.poll(() => hooked().filter(isDelivery)).toHaveLength(2);
  await pass();
  await expect.poll(delivered).toBe(12);
  const ids = hooked().map((event) => event["id"]);
  expect(ids).toHaveLength(new Set(ids).size);
  expect(declared()).toHaveLength(1);
  // The ERP has it a moment before it is written down here.
  const notes = () =>
    erp.list<{ kind: string; state: string }>(`/erp/connections/${connection}/documents?direction=out&limit=200`);
  const states = async () => (await notes()).filter(({ kind }) => kind === "delivery").map(({ state }) => state);
  await expect.poll(states).toEqual(["sent", "reversed"]);
  await erpnext.close();
});
