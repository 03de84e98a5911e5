import { z } from "@hono/zod-openapi";
import { timestamp } from "../../http/fields.ts";

export const quarantined = z
  .object({
    id: z.number().int(),
    device_id: z.string(),
    topic: z.string(),
    received_at: timestamp,
    reason: z.string(),
    detail: z.string().nullable(),
    payload_base64: z.string(),
  })
  .openapi("Quarantined");
export type Quarantined = z.output<typeof quarantined>;
