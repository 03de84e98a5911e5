import { z } from "@hono/zod-openapi";
import { FIXED_PARAMETERS } from "../../../integrations/epcis/query/parameters.ts";
import {
  SCHEDULE_FIELDS,
  scheduleProblem,
  type ScheduleField,
} from "../../../integrations/epcis/subscriptions/schedule.ts";
import { instant, timestamp } from "../../../http/fields.ts";

/** Events of one page, at most. */
const MAX_PER_PAGE = 1_000;

export const pages = {
  perPage: z
    .string()
    .regex(/^\d{1,4}$/, "expected digits")
    .transform(Number)
    .refine((number) => number >= 1 && number <= MAX_PER_PAGE, { message: `expected 1 to ${MAX_PER_PAGE}` })
    .openapi({ type: "integer", minimum: 1, maximum: MAX_PER_PAGE, default: 30 })
    .default(30)
    .describe("of one page"),
  nextPageToken: z.string().max(4_096).optional().describe('from `Link: rel="next"` of the page before'),
};
/** Parameters of an address that are no part of the query. */
export const PAGE_PARAMETERS = Object.keys(pages);
export const listQuery = z.strictObject(pages);

const parameter = z.string().optional();
/** The query that finds events; names of parameters may hold names of fields, so that not all can be listed. */
export const eventsQuery = z.looseObject({
  ...pages,
  ...Object.fromEntries(FIXED_PARAMETERS.map((name) => [name, parameter])),
});

const pathText = (name: string, description: string) =>
  z
    .string()
    .min(1)
    .max(2_048)
    .openapi({ param: { name, in: "path" }, description });
export const ofValue = (name: string, description: string) => z.strictObject({ [name]: pathText(name, description) });

export const queryDocumentSchema = z
  .looseObject({
    "@context": z.unknown(),
    type: z.literal("EPCISQueryDocument"),
    schemaVersion: z.string(),
    creationDate: z.string(),
    epcisBody: z.looseObject({
      queryResults: z.looseObject({
        queryName: z.string(),
        subscriptionID: z.string().optional(),
        resultsBody: z.looseObject({ eventList: z.array(z.looseObject({ type: z.string() })) }),
      }),
    }),
  })
  .openapi("EpcisQueryDocument", { description: "EPCIS 2.0; events are as they were sent" });

export const collectionSchema = z
  .object({ "@context": z.unknown(), type: z.literal("Collection"), member: z.array(z.string()) })
  .openapi("EpcisCollection");

const QUERY_NAME = /^[A-Za-z0-9][\w.~-]{0,127}$/;
export const queryName = z.string().regex(QUERY_NAME, "expected up to 128 letters, digits and . _ ~ -");
export const queryNameParams = z.strictObject({ name: queryName.openapi({ param: { name: "name", in: "path" } }) });

const queryParameters = z
  .record(z.string().max(2_048), z.unknown())
  .describe("parameters of SimpleEventQuery (EPCIS 2.0 section 8.2.7.1) by their names");
export const newQuery = z.strictObject({
  name: queryName.optional().describe("without it the query is answered at once and not kept"),
  query: queryParameters,
});
export const namedQuery = z.object({ name: z.string(), query: queryParameters }).openapi("EpcisQuery");

const scheduleField = (field: ScheduleField) =>
  z
    .string()
    .max(200)
    .superRefine((text, context) => {
      const message = scheduleProblem(field, text);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .optional();
const scheduleShape = Object.fromEntries(SCHEDULE_FIELDS.map((field) => [field, scheduleField(field)])) as Record<
  ScheduleField,
  ReturnType<typeof scheduleField>
>;
export const schedule = z
  .strictObject(scheduleShape)
  .describe("when the query runs, in UTC; what is left out is any, or 0 where finer");

export const newSubscription = z.strictObject({
  dest: z.string().max(2_048).describe("the URL that results are posted to, as EPCISQueryDocument"),
  signatureToken: z.string().min(1).max(512).optional().describe("the key of `GS1-Signature`; never shown again"),
  stream: z.boolean().optional().describe("true: each event as soon as it is recorded; excludes `schedule`"),
  schedule: schedule.optional(),
  reportIfEmpty: z.boolean().optional().describe("of a schedule: tell, too, that there was nothing new"),
  initialRecordTime: instant.optional().describe("events recorded from then on; by default those from now on"),
});
export const subscription = z
  .object({
    subscriptionID: z.string(),
    queryName: z.string(),
    dest: z.string(),
    stream: z.literal(true).optional(),
    schedule: z.record(z.string(), z.string()).optional(),
    reportIfEmpty: z.boolean(),
    initialRecordTime: timestamp,
    minRecordTime: timestamp.describe("when it was told last; before that `initialRecordTime`"),
    createdAt: timestamp,
    lastNotifiedAt: timestamp.optional(),
    state: z.enum(["active", "failing", "ended"]).describe("`ended`: its receiver has answered 410"),
    failingSince: timestamp.optional(),
    lastResponse: z.string().optional().describe("what the receiver said last"),
  })
  .openapi("EpcisSubscription");

/** The events of a named query, or of a WebSocket that follows it. */
export const namedEventsQuery = z.strictObject({
  ...pages,
  stream: z.enum(["true", "false"]).optional().describe("of a WebSocket: each event as soon as it is recorded"),
  ...scheduleShape,
  reportIfEmpty: z.enum(["true", "false"]).optional(),
  initialRecordTime: instant.optional(),
});
export const subscriptionParams = z.strictObject({
  name: queryNameParams.shape.name,
  subscription_id: z.uuid().openapi({ param: { name: "subscription_id", in: "path" } }),
});
export const tokenParams = ofValue("token", "of a next page");
