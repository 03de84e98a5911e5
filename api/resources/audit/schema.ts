import { z } from "@hono/zod-openapi";
import { timestamp } from "../../http/fields.ts";

export const OUTCOMES = ["done", "refused"] as const;

const values = z.record(z.string(), z.unknown());

export const auditDetail = z
  .looseObject({
    request_id: z.string().optional(),
    reason: z.string().optional().describe("why it was refused"),
    times: z.number().int().optional().describe("how many equal refusals this entry stands for"),
    before: values.optional().describe("the fields that changed, as they were; absent: there was no such resource"),
    after: values.optional().describe("the fields that changed, as they are; absent: the resource was removed"),
    changed: z
      .array(z.string())
      .optional()
      .describe("names of the fields that changed, where their values are too large"),
  })
  .openapi("AuditDetail");

export const auditEntry = z
  .object({
    id: z.number().int(),
    at: timestamp,
    actor: z.string().describe("`user:7`, `client:3`, a device id, or `nobody`"),
    action: z.string(),
    subject: z.string().nullable(),
    outcome: z.enum(OUTCOMES),
    detail: auditDetail.nullable(),
    chain_position: z
      .number()
      .int()
      .nullable()
      .describe("place in the chain of hashes, without gaps; null in the seconds before it has one"),
    hash: z.string().nullable().describe("SHA-256 in hexadecimal digits, of the hash before and of this entry"),
  })
  .openapi("AuditEntry");

export const auditFilter = {
  actor: z.string().max(128).optional(),
  action: z.string().max(128).optional().describe("e.g. `PUT /users/{id}`, `sign in`"),
  subject: z.string().max(256).optional().describe("text that the subject begins with, e.g. `/shipments/7`"),
  outcome: z.enum(OUTCOMES).optional(),
  from: z.iso.datetime({ offset: true }).optional().describe("inclusive"),
  to: z.iso.datetime({ offset: true }).optional().describe("exclusive"),
};

export const auditCheck = z
  .object({
    intact: z.boolean().describe("no entry that is kept was changed or removed, or put in between"),
    first_position: z.number().int().describe("of the oldest entry that is kept"),
    checked_to: z.number().int().describe("position of the last entry that was compared"),
    last_position: z
      .number()
      .int()
      .describe("of the entry chained last; later ones than `checked_to`: ask again with `after`"),
    broken_position: z.number().int().nullable().describe("the first entry that is missing or was changed"),
    last_hash: z
      .string()
      .describe("of the entry at `checked_to`: keep it elsewhere to prove later what stood before it"),
  })
  .openapi("AuditCheck");
