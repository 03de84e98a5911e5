import { z } from "@hono/zod-openapi";
import { ALERT_TYPES, SEVERITIES } from "../../../ingest/domain/alert/rule.ts";
import { DAYS } from "../../../ingest/domain/notification/hours.ts";
import { CHANNELS } from "../../integrations/channels/channel.ts";
import { id, name, nullableTimestamp, stamps, timestamp } from "../../http/fields.ts";

/** A week: what is gathered for longer, or escalated later, tells nobody in time. */
const minutes = z.number().int().min(1).max(10_080);
const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "expected a time of day such as 08:30");

/** Days may be written in full, in capitals, or as ISO 8601 numbers them. */
function dayOf(given: unknown): unknown {
  if (typeof given === "number") return DAYS[given - 1] ?? given;
  return typeof given === "string" ? given.slice(0, 3).toLowerCase() : given;
}
const dayName = z.enum(DAYS);
const givenDay = z
  .preprocess(dayOf, dayName)
  .openapi({ type: "string", enum: [...DAYS], description: "a day on which the hours begin" });

const hoursOf = <Day extends z.ZodType>(day: Day, time: z.ZodString) =>
  z.strictObject({
    from: time.describe("by the clock of the alert's location; UTC without one"),
    to: time.describe("exclusive; at or before `from`: on the next day"),
    days: z.array(day).min(1).max(7),
  });

const text = z.string().trim().min(1).max(2_000);
const unique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
const UNIQUE = { message: "expected each one once" };

const ruleFields = {
  enabled: z.boolean().optional(),
  severities: z.array(z.enum(SEVERITIES)).min(1).refine(unique, UNIQUE).nullable().optional().describe("null: all"),
  location_ids: z
    .array(id)
    .min(1, "name at least one, or null for everywhere")
    .max(1000)
    .nullable()
    .optional()
    .describe("alerts at these locations and below them; null: everywhere"),
  hours: hoursOf(givenDay, clock)
    .nullable()
    .optional()
    .describe(
      "when people are told; what is opened at another time waits, and is left out if it is over by then. null: always",
    ),
  digest_minutes: minutes
    .nullable()
    .optional()
    .describe("gathered for so long and told together; null: each by itself"),
  escalate_after_minutes: minutes
    .nullable()
    .optional()
    .describe("told again after so long, unless somebody has acknowledged, snoozed or resolved it; null: never"),
  escalate_to: text.nullable().optional().describe("address of the same channel; null: `target` once more"),
};

const types = z.array(z.enum(ALERT_TYPES)).min(1).refine(unique, UNIQUE);
const channel = z.enum(CHANNELS).describe("`push`: notifications of the browsers that people have subscribed");
const target = text.describe(
  "an e-mail address, or the URL of a webhook; of `push` the e-mail address of a user, or a role such as `manager`",
);

export const newNotificationRule = z
  .strictObject({ name, types, channel, target, ...ruleFields })
  .openapi("NewNotificationRule");
export const notificationRuleChange = z
  .strictObject({ name, types, channel, target, ...ruleFields })
  .partial()
  .openapi("NotificationRuleChange");

export const notificationRule = z
  .object({
    id,
    name: z.string(),
    enabled: z.boolean(),
    types: z.array(z.enum(ALERT_TYPES)),
    severities: z.array(z.enum(SEVERITIES)).nullable(),
    location_ids: z.array(id).nullable(),
    hours: hoursOf(dayName, z.string()).nullable(),
    channel: z.enum(CHANNELS),
    target: z.string().describe("of URLs only managers see more than the host: who knows one can write there"),
    digest_minutes: z.number().int().nullable(),
    escalate_after_minutes: z.number().int().nullable(),
    escalate_to: z.string().nullable(),
    failing_since: nullableTimestamp.describe("nothing has been accepted since; null: all is well"),
    last_error: z.string().nullable().describe("what the other side said last, while it accepts nothing"),
    waiting: z.number().int().describe("messages that wait to be sent"),
    ...stamps,
  })
  .openapi("NotificationRule");
export type NotificationRule = z.output<typeof notificationRule>;

export const notificationRuleMade = notificationRule
  .extend({
    secret: z
      .string()
      .nullable()
      .describe("of a webhook: signs what it gets (Standard Webhooks). Shown once; null for other channels"),
  })
  .openapi("NotificationRuleMade");

export const delivery = z
  .object({
    id: z.number().int(),
    rule_id: id.nullable().describe("null: the rule was removed"),
    rule_name: z.string().nullable(),
    kind: z.enum(["alert", "digest", "escalation", "test"]),
    channel: z.enum(CHANNELS),
    target: z.string().describe("of URLs the host"),
    state: z.enum(["waiting", "sent", "failed", "cancelled"]),
    alert_ids: z.array(id).describe("what it tells of"),
    due_at: timestamp.describe("when it is sent, or tried again"),
    attempts: z.number().int(),
    attempted_at: nullableTimestamp,
    sent_at: nullableTimestamp.describe("when the other side accepted it"),
    response: z.string().nullable().describe("what the other side said, or why it is not sent"),
    created_at: timestamp,
  })
  .openapi("NotificationDelivery");
export type Delivery = z.output<typeof delivery>;
