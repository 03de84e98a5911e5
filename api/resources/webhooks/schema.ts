import { z } from "@hono/zod-openapi";
import { id, instant, nullableTimestamp, stamps, timestamp } from "../../http/fields.ts";
import { TYPE_PATTERNS } from "../../integrations/events/event-types.ts";

const unique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
const UNIQUE = { message: "expected each one once" };

const url = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .describe("where events are posted to: https, unless the host is listed");
const types = z
  .array(z.string())
  .min(1)
  .max(100)
  .superRefine((given, context) => {
    for (const [at, type] of given.entries()) {
      if (TYPE_PATTERNS.includes(type)) continue;
      context.addIssue({ code: "custom", path: [at], message: `expected one of ${TYPE_PATTERNS.join(", ")}` });
    }
  })
  .refine(unique, UNIQUE)
  .describe("which events: a type such as `shipment.stage_changed`, all of a kind (`shipment.*`), or all (`*`)")
  .openapi({ example: ["shipment.*", "order.created"] });
const ids = z.array(id).min(1, "name at least one, or null for all").max(1000).refine(unique, UNIQUE).nullable();

const optional = {
  location_ids: ids.optional().describe("events at these locations and below them; null: everywhere"),
  owner_ids: ids.optional().describe("events about goods of these owners; null: about all"),
  ordered: z
    .boolean()
    .optional()
    .describe(
      "one event at a time, in the order in which they happened; the next when this one was accepted or given up",
    ),
  description: z.string().trim().max(255).nullable().optional(),
  enabled: z.boolean().optional().describe("false: nothing is sent, and what waits is cancelled"),
};

export const newWebhook = z.strictObject({ url, types: types.default(["*"]), ...optional }).openapi("NewWebhook");
export const webhookChange = z
  .strictObject({ url, types, ...optional })
  .partial()
  .openapi("WebhookChange");

export const webhook = z
  .object({
    id,
    url: z.string(),
    types: z.array(z.string()),
    location_ids: z.array(id).nullable(),
    owner_ids: z.array(id).nullable(),
    ordered: z.boolean(),
    description: z.string().nullable(),
    enabled: z.boolean(),
    disabled_reason: z.string().nullable().describe("why the platform has turned it off; null: it has not"),
    disabled_at: nullableTimestamp,
    failing_since: nullableTimestamp.describe("nothing has been accepted since; null: all is well"),
    last_error: z.string().nullable().describe("what the other side said last, while it accepts nothing"),
    waiting: z.number().int().describe("events that wait to be sent"),
    ...stamps,
  })
  .openapi("Webhook");
export type Webhook = z.output<typeof webhook>;

export const webhookMade = webhook
  .extend({ secret: z.string().describe("`whsec_…`, signs what it gets (Standard Webhooks); shown once") })
  .openapi("WebhookMade");

export const DELIVERY_STATES = ["waiting", "sent", "failed", "cancelled"] as const;

export const webhookDelivery = z
  .object({
    id: z.number().int(),
    webhook_id: id,
    kind: z.enum(["event", "replay", "test"]),
    event_id: z.string().describe("the header `webhook-id`; the same at each attempt and in each replay"),
    type: z.string(),
    subject: z.string().describe("a path of the API, e.g. `/shipments/12`"),
    state: z.enum(DELIVERY_STATES),
    due_at: timestamp.describe("when it is sent, or tried again"),
    attempts: z.number().int(),
    attempted_at: nullableTimestamp,
    sent_at: nullableTimestamp.describe("when the other side accepted it"),
    status: z.number().int().nullable().describe("of HTTP; null: there was no answer"),
    response: z.string().nullable().describe("what the other side said, or why it is not sent"),
    created_at: timestamp,
  })
  .openapi("WebhookDelivery");
export type WebhookDelivery = z.output<typeof webhookDelivery>;

export const webhookReplay = z
  .strictObject({
    since: instant.optional().describe("all events since, of the last 30 days, that the webhook is told of"),
    delivery_ids: z
      .array(z.number().int().min(1).max(Number.MAX_SAFE_INTEGER))
      .min(1)
      .max(1000)
      .refine(unique, UNIQUE)
      .optional()
      .describe("deliveries of the log"),
  })
  .refine(({ since, delivery_ids }) => since === undefined || delivery_ids === undefined, {
    path: ["delivery_ids"],
    message: "expected either since or delivery_ids, or none of them: what failed or was cancelled",
  })
  .openapi("WebhookReplay");
export const webhookReplayed = z
  .object({ replayed: z.number().int().describe("events that are sent again") })
  .openapi("WebhookReplayed");
