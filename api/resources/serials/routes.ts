import { z } from "@hono/zod-openapi";
import { parseScannedCode } from "../../../ingest/domain/gs1/scanned-code.ts";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { decodeCursor, idAfter, pageById, pageOf, pageParameters } from "../../http/paging.ts";
import { list, okLive } from "../../http/response.ts";
import { listSerialEvents } from "./history.ts";
import { getSerial, listSerials } from "./queries.ts";
import { PIECE_STATES, serial, serialEvent } from "./schema.ts";

const tag = "Serials";

const listQuery = z.strictObject({
  item_id: queryId.optional(),
  location_id: queryId.optional().describe("where they are, or were last"),
  code: z
    .string()
    .trim()
    .min(1)
    .max(256)
    .optional()
    .describe("a serial alone, or what a scanner reads: a GS1 element string, a Digital Link or an SGTIN"),
  lot: z.string().max(64).optional(),
  state: z.enum(PIECE_STATES).optional(),
  ...pageParameters,
});
const eventCursor = z.tuple([z.iso.datetime(), z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)]);

/** Single pieces with a serial number: where each is, where it was, and through whose hands it went. */
export function registerSerials(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /serials",
      access: SIGNED_IN,
      tag,
      summary: "List single pieces that were scanned (AI 01 and 21) or whose tag (SGTIN) was read: each once",
      query: listQuery,
      response: z.array(serial),
    },
    async ({ query, c, db }) => {
      const rows = await listSerials(db, {
        after: idAfter(query.cursor),
        itemId: query.item_id,
        locationId: query.location_id,
        lot: query.lot,
        state: query.state,
        ...pieceOf(query.code),
        limit: query.limit + 1,
      });
      return list(pageById(rows, query.limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /serials/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one piece",
      params: idParams,
      response: serial,
    },
    async ({ params, db }) => okLive(await getSerial(db, params.id)),
  );
  endpoints.read(
    {
      route: "GET /serials/{id}/events",
      access: SIGNED_IN,
      tag,
      summary: "List where a piece was, and through whose hands it went; newest first",
      params: idParams,
      query: z.strictObject(pageParameters),
      response: z.array(serialEvent),
    },
    async ({ params, query: { limit, cursor }, c, db }) => {
      const piece = await getSerial(db, params.id);
      const rows = await listSerialEvents(db, piece, decodeCursor(cursor, eventCursor), limit + 1);
      return list(
        pageOf(rows, limit, ({ at, id }) => [at.toISOString(), id]),
        c.req.url,
      );
    },
  );
}

/** What a person types or scans into the search: a code that names a piece, else its serial alone. */
function pieceOf(code: string | undefined): { gtin: string | undefined; serial: string | undefined } {
  if (code === undefined) return { gtin: undefined, serial: undefined };
  const { gtin, serial } = parseScannedCode(code);
  return gtin !== undefined && serial !== undefined ? { gtin, serial } : { gtin: undefined, serial: code };
}
