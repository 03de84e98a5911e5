import { z } from "@hono/zod-openapi";
import { timestamp } from "../../http/fields.ts";

export const auditEntry = z
  .object({
    id: z.number().int(),
    at: timestamp,
    actor: z.string(),
    action: z.string(),
    subject: z.string().nullable(),
    outcome: z.enum(["done", "refused"]),
    detail: z.unknown().nullable(),
  })
  .openapi("AuditEntry");
