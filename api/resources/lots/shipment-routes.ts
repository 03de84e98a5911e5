import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { id, idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, wholeListParameters } from "../../http/paging.ts";
import { found, invalid, Problem } from "../../http/problem.ts";
import { recordFacts } from "../../http/record-facts.ts";
import { assertReferences } from "../../http/references.ts";
import { list, noContent } from "../../http/response.ts";
import { insertRow, lockRow } from "../../http/rows.ts";
import { getShipment } from "../shipments/queries.ts";
import { ensureLot, stateLot } from "./queries.ts";
import { day, lotNumber } from "./schema.ts";

const tag = "Shipments";

const newShipmentLot = z
  .strictObject({
    item_id: id.optional().describe("the item of the shipment by default"),
    lot: lotNumber,
    quantity: z.number().int().min(1).max(2_147_483_647).describe("base units"),
    expires_on: day.optional().describe("of the lot, as its label has it"),
  })
  .openapi("NewShipmentLot");

const shipmentLot = z
  .object({
    id,
    lot_id: id.nullable(),
    item_id: id,
    lot: z.string(),
    quantity: z.number().int(),
    sscc: z.string().nullable().describe("of the handling unit it is in; null: in none that is known"),
  })
  .openapi("ShipmentLot");
type ShipmentLot = z.output<typeof shipmentLot>;

const lotParams = idParams.extend({
  shipment_lot_id: queryId.openapi({ type: "integer", param: { name: "shipment_lot_id", in: "path" } }),
});

/** Of which lots the goods of a shipment are. */
export function registerShipmentLots(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /shipments/{id}/lots",
      access: SIGNED_IN,
      tag,
      summary: "List of which lots its goods are, those in its handling units included",
      params: idParams,
      query: z.strictObject(wholeListParameters),
      response: z.array(shipmentLot),
    },
    async ({ params, query: { limit, cursor }, c, db }) => {
      await getShipment(db, params.id);
      const rows = await listShipmentLots(db, params.id, idAfter(cursor) ?? 0, limit + 1);
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /shipments/{id}/lots",
      access: HANDLING,
      tag,
      summary: "State that so many of its goods are of a lot, beside those in its handling units",
      params: idParams,
      body: newShipmentLot,
      response: shipmentLot,
      status: 201,
      problems: { 409: "this lot is stated already" },
    },
    async ({ params, body }, client) => {
      await lockRow(client, "shipments", params.id);
      const shipment = await getShipment(client, params.id);
      const itemId = body.item_id ?? shipment.item_id;
      if (itemId === null) throw invalid("/item_id", "this shipment does not name one item: name that of the lot");
      await assertReferences(client, "items", [{ pointer: "/item_id", id: itemId }]);
      const known = (await listShipmentLots(client, params.id, 0, MAX_LOTS)).filter(
        ({ item_id }) => item_id === itemId,
      );
      if (known.some(({ lot, sscc }) => lot === body.lot && sscc === null)) {
        throw new Problem(409, `lot ${body.lot} is stated already`);
      }
      const stated = known.reduce((sum, { quantity }) => sum + quantity, body.quantity);
      const lines = shipment.lines.filter(({ item_id }) => item_id === itemId);
      const has = lines.reduce((sum, { quantity }) => sum + quantity, 0);
      if (lines.length > 0 && stated > has)
        throw invalid("/quantity", `the lots of this item would be ${stated} in all, and the shipment has ${has}`);
      const lot = await ensureLot(client, itemId, body.lot);
      if (lot.isNew && body.expires_on !== undefined) await stateLot(client, lot.id, { expires_on: body.expires_on });
      const row = { shipment_id: params.id, item_id: itemId, lot: body.lot, quantity: body.quantity };
      const rowId = await insertRow(client, "shipment_lots", row, Object.keys(row));
      await recordFacts(client, { facts: [], refold: [`shipment:${params.id}`] });
      return { status: 201, body: await getShipmentLot(client, params.id, rowId) };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /shipments/{id}/lots/{shipment_lot_id}",
      access: HANDLING,
      tag,
      summary: "Take back that some of its goods are of a lot",
      params: lotParams,
      status: 204,
      audited: {
        table: "shipments",
        read: async (client, params) => findShipmentLot(client, params.id, params.shipment_lot_id),
      },
      problems: { 409: "it is in a handling unit" },
    },
    async ({ params }, client) => {
      await getShipment(client, params.id);
      const { sscc } = await getShipmentLot(client, params.id, params.shipment_lot_id);
      if (sscc !== null) throw new Problem(409, `it is in handling unit ${sscc}`);
      await client.query("DELETE FROM shipment_lots WHERE id = $1", [params.shipment_lot_id]);
      await recordFacts(client, { facts: [], refold: [`shipment:${params.id}`] });
      return noContent;
    },
  );
}

/** More lots than anybody puts into one shipment. */
const MAX_LOTS = 10_000;
const SHIPMENT_LOT = `SELECT n.id, l.id AS lot_id, n.item_id, n.lot, n.quantity, u.sscc FROM shipment_lots n
  LEFT JOIN handling_units u ON u.id = n.handling_unit_id LEFT JOIN lots l ON l.item_id = n.item_id AND l.number = n.lot`;

async function listShipmentLots(db: Reader, shipmentId: number, after: number, limit: number): Promise<ShipmentLot[]> {
  const text = `${SHIPMENT_LOT} WHERE n.shipment_id = $1 AND n.id > $2 ORDER BY n.id LIMIT $3`;
  const { rows } = await db.query<ShipmentLot>(text, [shipmentId, after, limit]);
  return rows;
}

async function findShipmentLot(db: Reader, shipmentId: number, rowId: number): Promise<ShipmentLot | undefined> {
  const { rows } = await db.query<ShipmentLot>(`${SHIPMENT_LOT} WHERE n.shipment_id = $1 AND n.id = $2`, [
    shipmentId,
    rowId,
  ]);
  return rows[0];
}

const getShipmentLot = async (client: PoolClient, shipmentId: number, rowId: number): Promise<ShipmentLot> =>
  found(await findShipmentLot(client, shipmentId, rowId), "lot of this shipment");
