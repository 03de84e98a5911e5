import { z } from "@hono/zod-openapi";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { decodeCursor, idAfter, pageById, pageOf, pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import { getInventoryItem } from "../inventory/queries.ts";
import { getLot, listHolds, listLotMovements, listLotsAt } from "./queries.ts";
import { listRecall, recallCsv } from "./recall.ts";
import { lotHold, lotMovement, RECALL_KINDS, recallRow, stockLot } from "./schema.ts";

const tag = "Lots";
const pageQuery = z.strictObject(pageParameters);
const rowId = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const recallCursor = z.tuple([z.enum(RECALL_KINDS), rowId]);
const movementCursor = z.tuple([rowId, rowId]);

/** Where a lot is, where it was, and what a stock position holds by lot. */
export function registerLotHistory(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /lots/{id}/movements",
      access: SIGNED_IN,
      tag,
      summary: "List what came and went of a lot, and by whom; newest first",
      params: idParams,
      query: pageQuery,
      response: z.array(lotMovement),
    },
    async ({ params, query: { limit, cursor }, c, db }) => {
      const lot = await getLot(db, params.id);
      const rows = await listLotMovements(db, lot, decodeCursor(cursor, movementCursor), limit + 1);
      return list(
        pageOf(rows, limit, ({ id, inventory_item_id }) => [id, inventory_item_id]),
        c.req.url,
      );
    },
  );
  endpoints.read(
    {
      route: "GET /lots/{id}/holds",
      access: SIGNED_IN,
      tag,
      summary: "List who held a lot and who released it, and why; newest first",
      params: idParams,
      query: pageQuery,
      response: z.array(lotHold),
    },
    async ({ params, query: { limit, cursor }, c, db }) => {
      const { id } = await getLot(db, params.id);
      return list(pageById(await listHolds(db, id, idAfter(cursor), limit + 1), limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /lots/{id}/recall",
      access: SIGNED_IN,
      tag,
      summary: "List everything that holds a lot or has held it: stock positions, shipments and single pieces",
      params: idParams,
      query: pageQuery,
      response: z.array(recallRow),
    },
    async ({ params, query: { limit, cursor }, c, db }) => {
      const lot = await getLot(db, params.id);
      const rows = await listRecall(db, lot, decodeCursor(cursor, recallCursor), limit + 1);
      return list(
        pageOf(rows, limit, ({ kind, id }) => [kind, id]),
        c.req.url,
      );
    },
  );
  endpoints.read(
    {
      route: "GET /lots/{id}/recall.csv",
      access: SIGNED_IN,
      tag,
      summary: "Export the same as CSV",
      params: idParams,
      response: z.string(),
      responseType: "text/csv",
    },
    async ({ params, db }) => {
      const lot = await getLot(db, params.id);
      const parts: Uint8Array[] = [];
      for await (const part of recallCsv(db, lot)) parts.push(part);
      return {
        status: 200,
        bytes: Buffer.concat(parts),
        headers: {
          "Content-Type": "text/csv; charset=utf-8",
          "Content-Disposition": `attachment; filename="recall-lot-${lot.id}.csv"`,
          "Cache-Control": "private, no-store",
        },
      };
    },
  );
  endpoints.read(
    {
      route: "GET /inventory-items/{id}/lots",
      access: SIGNED_IN,
      tag,
      summary: "List what a stock position holds by lot: what expires first comes first",
      params: idParams,
      response: z.array(stockLot),
    },
    async ({ params, db }) => {
      const { id } = await getInventoryItem(db, params.id);
      return { status: 200, body: await listLotsAt(db, id) };
    },
  );
}
