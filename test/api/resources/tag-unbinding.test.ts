import { expect } from "vitest";
import { inTransaction, recordFacts } from "../../../ingest/decisions/record-facts.ts";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

const MINUTE = 60_000;

test("a tag that was bound to the wrong shipment is taken back: what was read of it is the other's story", async ({
  world,
  api,
  manager,
  operator,
}) => {
  const [plant, depot] = [await world.location("Plant", "production"), await world.location("Depot", "storage")];
  await world.device("gate-1", "rfid", { location_id: depot, antennas: { "1": "inside", "2": "outside" } });
  const epc = "urn:epc:id:sgtin:0614141.112345.7";
  const created = new Date(Date.now() - 10 * MINUTE).toISOString();
  const made = async (name: string) =>
    (await operator("POST /shipments", { product_name: name, quantity: 1, location: plant, at: created })).body[
      "id"
    ] as number;
  const [wrong, right] = [await made("Wrong"), await made("Right")];
  expect((await operator(`POST /shipments/${wrong}/tags`, { epc })).status).toBe(201);
  expect((await operator(`POST /shipments/${right}/tags`, { epc })).status).toBe(409);
  // A gate of the depot reads it going in.
  const at = Date.now() - MINUTE;
  await inTransaction(api.db.pool, (client) =>
    recordFacts(client, {
      facts: [
        {
          ...{
            key: "seen at the gate",
            subject: `tag:${epc}`,
            at,
            type: "seen",
            rule: "tag-presence",
            deviceId: "gate-1",
          },
          ...{ data: { locationId: depot, direction: "in" }, evidence: [], confidence: 0.95 },
        },
      ],
    }),
  );
  const placeOf = async (id: number) => (await manager(`GET /shipments/${id}`)).body["location_id"];
  expect(await placeOf(wrong)).toBe(depot);
  const path = `/shipments/${wrong}/tags/${encodeURIComponent(epc)}`;
  expect((await operator(`DELETE ${path}`)).status).toBe(403);
  expect((await manager(`DELETE ${path}`)).status).toBe(204);
  expect(await placeOf(wrong)).toBe(plant);
  expect((await manager(`GET /shipments/${wrong}/tags`)).body).toEqual([]);
  expect((await manager(`DELETE ${path}`)).status).toBe(404);
  expect((await operator(`POST /shipments/${right}/tags`, { epc })).body).toMatchObject([
    { epc, handling_unit_id: null },
  ]);
  expect(await placeOf(right)).toBe(depot);
  const { rows } = await api.db.pool.query<{ detail: object }>(
    "SELECT detail FROM audit WHERE action = 'DELETE /shipments/{id}/tags/{epc}' AND outcome = 'done'",
  );
  expect(rows).toMatchObject([{ detail: { before: { epc } } }]);
});

test("a tag of a closed shipment that was bound to a wrong one is the closed one's again", async ({
  manager,
  operator,
}) => {
  const made = async (name: string) =>
    (await operator("POST /shipments", { product_name: name, quantity: 1, location: "storage" })).body["id"] as number;
  const epc = "urn:epc:id:sgtin:0614141.112345.8";
  const first = await made("First");
  expect((await operator(`POST /shipments/${first}/tags`, { epc })).status).toBe(201);
  expect((await operator(`POST /shipments/${first}/proof-of-delivery`, { name: "Bo" })).status).toBe(200);
  const second = await made("Second");
  expect((await operator(`POST /shipments/${second}/tags`, { epc })).status).toBe(201);
  expect((await manager(`GET /shipments/${first}/tags`)).body).toMatchObject([{ until: expect.any(String) as string }]);
  expect((await manager(`DELETE /shipments/${second}/tags/${encodeURIComponent(epc)}`)).status).toBe(204);
  expect((await manager(`GET /shipments/${first}/tags`)).body).toMatchObject([{ until: null }]);
});
