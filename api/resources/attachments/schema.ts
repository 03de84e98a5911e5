import { z } from "@hono/zod-openapi";
import { id, idParams, timestamp } from "../../http/fields.ts";

export const attachmentParams = idParams.extend({
  attachment_id: idParams.shape.id.openapi({ type: "integer", param: { name: "attachment_id", in: "path" } }),
});

const kind = z
  .enum(["file", "photo", "signature"])
  .describe("what it is of a proof of delivery: a photo of the goods, or a signature");

export const newAttachmentQuery = z.strictObject({
  kind: kind.default("file"),
  file_name: z
    .string()
    .min(1)
    .max(255)
    .default("attachment")
    .describe("what it is called; what is not safe in a name is taken out, and its ending fits its content"),
});

export const attachment = z
  .object({
    id,
    name: z.string(),
    kind,
    media_type: z.string().describe("as the content shows it"),
    size_bytes: z.number().int(),
    sha256: z.string().describe("hexadecimal"),
    added_by: z.string().describe("as in the audit, e.g. user:7"),
    created_at: timestamp,
  })
  .openapi("Attachment");
export type Attachment = z.output<typeof attachment>;
