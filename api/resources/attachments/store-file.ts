import type { Context } from "hono";
import type { Pool } from "pg";
import { type Principal, principalName } from "../../auth/principal.ts";
import type { ApiEnv } from "../../deps.ts";
import type { AddAuditEntry } from "../../http/audit/queries.ts";
import type { Route } from "../../http/endpoint-spec.ts";
import { runMutation } from "../../http/mutation.ts";
import { Problem } from "../../http/problem.ts";
import { locationOf } from "../../http/response.ts";
import { NOUNS, type Thing } from "../custom-fields/things.ts";
import { cleanName } from "./file-name.ts";
import { KEPT_TYPES, mediaTypeOf } from "./media-type.ts";
import { assertThing, getAttachment, insertAttachment, insertPiece, lockAttachments } from "./queries.ts";
import type { ReceivedFile } from "./receive-file.ts";
import type { Attachment } from "./schema.ts";

/** Of one thing. */
export const MAX_ATTACHMENTS = 50;

export interface Stores {
  pool: Pool;
  addAuditEntry: AddAuditEntry;
}

/** Stores a file and its audit entry in one transaction. @throws Problem 415 for a type that is not kept, 409 for too many */
export async function storeFile(
  stores: Stores,
  { c, principal, route }: { c: Context<ApiEnv>; principal: Principal; route: Route },
  {
    thing,
    id,
    fileName,
    kind,
    file,
  }: { thing: Thing; id: number; fileName: string; kind: Attachment["kind"]; file: ReceivedFile },
): Promise<Response> {
  const media = await mediaTypeOf(file.start, file.isText);
  if (!media.kept) {
    const is = media.type === undefined ? "of no type that is known" : media.type;
    throw new Problem(415, `the content of ${fileName} is ${is}; accepted types: ${KEPT_TYPES}`);
  }
  if (kind !== "file" && !media.type.startsWith("image/"))
    throw new Problem(415, `the content of ${fileName} is ${media.type}: a ${kind} is a picture`);
  const request = { c, principal, spec: { route }, bodyText: file.sha256, holdsPassword: false, resource: undefined };
  const { body, headers } = await runMutation(stores, request, async (client) => {
    await assertThing(client, thing, id);
    if ((await lockAttachments(client, thing, id)) >= MAX_ATTACHMENTS)
      throw new Problem(409, `this ${NOUNS[thing]} has ${MAX_ATTACHMENTS} attachments, which is the most: remove one`);
    const row = {
      name: cleanName(fileName, media.type),
      kind,
      media_type: media.type,
      size_bytes: file.sizeBytes,
      sha256: file.sha256,
      added_by: principalName(principal),
    };
    const made = await insertAttachment(client, thing, id, row);
    let place = 0;
    for await (const piece of file.pieces()) await insertPiece(client, made, place++, piece);
    const body = await getAttachment(client, thing, { id, attachment_id: made });
    return { status: 201, body, headers: { Location: locationOf(c.req.url, made) } };
  });
  return c.json(body as object, 201, { ...headers, "Cache-Control": "private, no-cache" });
}
