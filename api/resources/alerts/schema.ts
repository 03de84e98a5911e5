import { z } from "@hono/zod-openapi";
import { ALERT_TYPES, SEVERITIES } from "../../../ingest/domain/alert/rule.ts";
import { id, instant, nullableTimestamp, shortText, timestamp } from "../../http/fields.ts";

export const ALERT_STATES = ["open", "acknowledged", "snoozed", "resolved"] as const;
const ALERT_ACTIONS = ["opened", "happened_again", "acknowledged", "snoozed", "woken", "assigned", "resolved"] as const;

/** A month: what is to be quiet for longer is a matter of the rule. */
const MAX_SNOOZE_MINUTES = 43_200;

const note = shortText.optional().describe("kept in the history of the alert");

export const acknowledgement = z.strictObject({ note }).openapi("AlertAcknowledgement");
export const resolution = z.strictObject({ note }).openapi("AlertResolution");
export const snooze = z
  .strictObject({
    until: instant.optional(),
    minutes: z.number().int().min(1).max(MAX_SNOOZE_MINUTES).optional(),
    note,
  })
  .refine(({ until, minutes }) => (until === undefined) !== (minutes === undefined), {
    path: ["until"],
    message: "expected either until or minutes",
  })
  .openapi("AlertSnooze");
export const assignment = z
  .strictObject({ user_id: id.nullable().describe("null: nobody"), note })
  .openapi("AlertAssignment");

export const alert = z
  .object({
    id,
    rule_id: id.nullable().describe("null: the rule was removed"),
    type: z.enum(ALERT_TYPES),
    severity: z.enum(SEVERITIES),
    state: z.enum(ALERT_STATES),
    subject: z
      .string()
      .describe(
        "what it is about, e.g. `inventory_item:7`, `device:scale-1`, `vehicle:3`, `shipment:4`, `location:2`, `trip:5:stop:2`, `quarantine`",
      ),
    title: z.string(),
    next_step: z.string().describe("what a person can do about it"),
    evidence: z.array(z.object({ title: z.string(), href: z.string() })).describe("where to read what is behind it"),
    inventory_item_id: id.nullable(),
    device_id: z.string().nullable(),
    vehicle_id: id.nullable(),
    shipment_id: id.nullable(),
    trip_id: id.nullable().describe("a planned trip; `detail.sequence` is its stop"),
    location_id: id.nullable().describe("where it is; of a shipment under way, where it goes to"),
    detail: z.record(z.string(), z.unknown()).describe("what was found when it was opened, or happened last"),
    late: z.boolean().describe("it became known by late data"),
    notifies: z.boolean().describe("people are told; false where late data tells of what is over"),
    times: z.number().int().describe("how often it has happened while it was open, or within a minute of its end"),
    happened_at: timestamp.describe("by time of measurement"),
    opened_at: timestamp,
    acknowledged_at: nullableTimestamp,
    acknowledged_by: z.string().nullable().describe("`user:7` or `client:3`"),
    snoozed_until: nullableTimestamp,
    assigned_to: id.nullable(),
    assignee: z.string().nullable().describe("the name of the person it is assigned to"),
    resolved_at: nullableTimestamp,
    resolved_by: z.string().nullable().describe("null: it ended by itself"),
    resolution: z.string().nullable(),
    updated_at: timestamp,
  })
  .openapi("Alert");
export type Alert = z.output<typeof alert>;

export const alertEvent = z
  .object({
    id: z.number().int(),
    at: timestamp,
    action: z.enum(ALERT_ACTIONS),
    actor: z.string().nullable().describe("`user:7` or `client:3`; null: nobody, it followed"),
    actor_name: z.string().nullable(),
    note: z.string().nullable(),
  })
  .openapi("AlertEvent");
export type AlertEvent = z.output<typeof alertEvent>;

export const assignee = z.object({ id, name: z.string() }).openapi("AlertAssignee");
export type Assignee = z.output<typeof assignee>;
