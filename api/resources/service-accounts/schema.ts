import { z } from "@hono/zod-openapi";
import { topicFilterProblem } from "../../../broker/contract/topic-filters.ts";
import { DEVICE_ID } from "../../../broker/contract/topics.ts";
import { name, nullableInstant, nullableTimestamp, stamps } from "../../http/fields.ts";

const MAX_FILTERS = 100;
const MAX_FILTER_LENGTH = 1024;

const filter = z
  .string()
  .max(MAX_FILTER_LENGTH)
  .superRefine((text, context) => {
    const problem = topicFilterProblem(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });
const filters = z.array(filter).max(MAX_FILTERS).describe("topic filters (MQTT 3.1.1 section 4.7)");

export const accountParams = z.strictObject({
  id: z
    .string()
    .regex(DEVICE_ID)
    .openapi({ param: { name: "id", in: "path" } }),
});

export const newServiceAccount = z
  .strictObject({
    id: z
      .string()
      .regex(DEVICE_ID)
      .describe("its MQTT user name; its client ids are this, or begin with it and a slash"),
    name: name.nullable().optional(),
    publish: filters.default([]),
    subscribe: filters.default([]),
    expires_at: nullableInstant.optional().describe("null: never"),
  })
  .openapi("NewServiceAccount");
export const serviceAccountChange = z
  .strictObject({
    name: name.nullable().optional(),
    active: z.boolean().optional(),
    publish: filters.optional(),
    subscribe: filters.optional(),
    expires_at: nullableInstant.optional().describe("null: never"),
  })
  .openapi("ServiceAccountChange");

export const serviceAccount = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    publish: z.array(z.string()),
    subscribe: z.array(z.string()),
    active: z.boolean(),
    expires_at: nullableTimestamp.describe("its connections end then; null: never"),
    last_used_at: nullableTimestamp.describe("when it last connected, to the minute"),
    rotated_at: nullableTimestamp.describe("when its newest secret was issued; null: when it was added"),
    ...stamps,
  })
  .openapi("ServiceAccount");
export type ServiceAccount = z.output<typeof serviceAccount>;

/** The only answers that show a secret. */
export const serviceAccountWithSecret = serviceAccount
  .extend({ secret: z.string().describe("its MQTT password; shown only here") })
  .openapi("ServiceAccountWithSecret");
