import { z } from "@hono/zod-openapi";
import { id, timestamp } from "../../http/fields.ts";

export const webhookSecret = z.object({ id, created_at: timestamp }).openapi("WebhookSecret");
export const webhookSecretMade = z
  .object({ id, secret: z.string().describe("`whsec_…`; shown once"), created_at: timestamp })
  .openapi("WebhookSecretMade");
