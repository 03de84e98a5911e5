import { z } from "@hono/zod-openapi";
import { readerOf } from "../../auth/limits.ts";
import { type Access, HANDLING, MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import { bodyChunks } from "../../http/body.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { list, noContent } from "../../http/response.ts";
import { deleteRow } from "../../http/rows.ts";
import { assertNoProof } from "../shipments/proof.ts";
import { NOUNS, type Thing, THINGS } from "../custom-fields/things.ts";
import { contentOf } from "./content.ts";
import { dispositionOf } from "./file-name.ts";
import { KEPT_TYPES } from "./media-type.ts";
import { assertThing, getAttachment, listAttachments } from "./queries.ts";
import { MAX_FILE_BYTES, receiveFile } from "./receive-file.ts";
import { attachment, attachmentParams, newAttachmentQuery } from "./schema.ts";
import { MAX_ATTACHMENTS, storeFile, type Stores } from "./store-file.ts";

const ANY_TYPE = "application/octet-stream";

/** Pictures and files of things. Whoever may see a thing may read them; whoever may change it may add and remove them. */
export function registerAttachments(endpoints: Endpoints, stores: Stores): void {
  for (const thing of THINGS) registerFor(thing, thing === "shipments" ? HANDLING : MANAGEMENT, endpoints, stores);
}

function registerFor(thing: Thing, changing: Access, endpoints: Endpoints, stores: Stores): void {
  const { pool } = stores;
  const noun = NOUNS[thing];
  const tag = thing[0]!.toUpperCase() + thing.slice(1);
  const path = `/${thing}/{id}/attachments` as const;
  endpoints.read(
    {
      route: `GET ${path}`,
      access: SIGNED_IN,
      tag,
      summary: `List the pictures and files of a ${noun}`,
      params: idParams,
      query: z.strictObject(pageParameters),
      response: z.array(attachment),
    },
    async ({ params: { id }, query: { cursor, limit }, c, db }) => {
      await assertThing(db, thing, id);
      const rows = await listAttachments(db, thing, { id, after: idAfter(cursor), limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.custom(
    {
      route: `POST ${path}`,
      access: changing,
      tag,
      summary:
        `Add a picture or a file to a ${noun}: the body is the file, up to ${MAX_FILE_BYTES / 1024 / 1024} MiB. ` +
        `Kept are ${KEPT_TYPES}, by their content`,
      params: idParams,
      query: newAttachmentQuery,
      streamedBody: [ANY_TYPE],
      response: attachment,
      status: 201,
      problems: { 409: `it has ${MAX_ATTACHMENTS} attachments`, 415: "files of this type are not kept" },
    },
    async ({ params: { id }, query: { file_name: fileName, kind }, principal, c }) => {
      await assertThing(readerOf(pool, principal), thing, id);
      // The sender may change this thing: a picture on a slow line takes longer than other requests may.
      c.env?.takeUpload?.();
      const file = await receiveFile(bodyChunks(c), c.req.header("Content-Length"));
      try {
        return await storeFile(stores, { c, principal, route: `POST ${path}` }, { thing, id, fileName, kind, file });
      } finally {
        await file.close();
      }
    },
  );
  endpoints.custom(
    {
      route: `GET ${path}/{attachment_id}`,
      access: SIGNED_IN,
      tag,
      summary: `Get a picture or a file of a ${noun}: its content, to be saved`,
      params: attachmentParams,
      response: z.string().openapi({ format: "binary" }),
      responseType: ANY_TYPE,
      alternativeResponses: ["image/jpeg", "image/png", "application/pdf", "text/plain"],
    },
    async ({ params, principal, c }) => {
      const db = readerOf(pool, principal);
      await assertThing(db, thing, params.id);
      const found = await getAttachment(db, thing, params);
      // What strangers made is never run: a browser saves it, or shows it as a picture within our own page.
      c.set("isForeign", true);
      const content = ReadableStream.from(contentOf(pool, found)) as globalThis.ReadableStream;
      return c.body(content, 200, {
        "Content-Type": found.media_type === "text/plain" ? "text/plain; charset=utf-8" : found.media_type,
        "Content-Length": String(found.size_bytes),
        "Content-Disposition": dispositionOf(found.name),
        "Cache-Control": "private, no-cache, no-transform",
      });
    },
  );
  endpoints.mutate(
    {
      route: `DELETE ${path}/{attachment_id}`,
      access: changing,
      tag,
      summary: `Remove a picture or a file of a ${noun}`,
      params: attachmentParams,
      audited: { table: thing, read: (client, params) => getAttachment(client, thing, params) },
      status: 204,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, thing, params.id, noun);
      const { id } = await getAttachment(client, thing, params);
      if (thing === "shipments") await assertNoProof(client, params.id, id);
      await deleteRow(client, "attachments", id);
      return noContent;
    },
  );
}
