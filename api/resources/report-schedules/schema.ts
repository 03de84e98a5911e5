import { z } from "@hono/zod-openapi";
import { FREQUENCIES } from "../../../ingest/domain/analytics/report-times.ts";
import { isTimeZone } from "../../../ingest/domain/notification/hours.ts";
import { id, name, nullableTimestamp, shortText, stamps, timestamp } from "../../http/fields.ts";
import { targetProblem } from "../../integrations/channels/targets.ts";
import { REPORT_KINDS } from "../analytics/reports.ts";

const address = z
  .string()
  .trim()
  .refine((text) => targetProblem("email", text, []) === undefined, {
    message: "expected an e-mail address, such as name@example.com",
  });
const unique = (values: readonly string[]): boolean =>
  new Set(values.map((each) => each.toLowerCase())).size === values.length;

const report = z.enum(REPORT_KINDS).describe("as of `GET /analytics/{report}`");
const filters = z
  .record(z.string().max(64), z.string().max(64))
  .refine((given) => Object.keys(given).length <= 20, { message: "expected at most 20" })
  .describe(
    'query parameters of that report, as text, such as {"stage": "storage"}; its period is that between two due times',
  );
const frequency = z.enum(FREQUENCIES);
const weekday = z
  .number()
  .int()
  .min(1)
  .max(7)
  .nullable()
  .optional()
  .describe("of weekly ones: 1 is Monday, 7 Sunday; 1 by default");
const monthDay = z
  .number()
  .int()
  .min(1)
  .max(31)
  .nullable()
  .optional()
  .describe("of monthly ones; in a shorter month its last day. 1 by default");
const hour = z.number().int().min(0).max(23).describe("by the clock of `time_zone`");
const timeZone = shortText
  .refine(isTimeZone, { message: "expected an IANA time zone such as Europe/Berlin" })
  .describe("IANA name");
const recipients = z.array(address).min(1).max(50).refine(unique, { message: "expected each one once" });
const format = z.enum(["csv", "json"]);

export const newReportSchedule = z
  .strictObject({
    ...{ name, report, frequency, weekday, month_day: monthDay, hour, time_zone: timeZone, recipients },
    filters: filters.optional(),
    format: format.optional().describe("`csv` by default"),
    enabled: z.boolean().optional(),
  })
  .openapi("NewReportSchedule");
export const reportScheduleChange = newReportSchedule.partial().openapi("ReportScheduleChange");

export const reportSchedule = z
  .object({
    id,
    name: z.string(),
    enabled: z.boolean(),
    report,
    filters: z.record(z.string(), z.string()),
    frequency,
    weekday: z.number().int().nullable(),
    month_day: z.number().int().nullable(),
    hour: z.number().int(),
    time_zone: z.string(),
    recipients: z.array(z.string()),
    format,
    next_due_at: timestamp,
    last_sent_at: nullableTimestamp.describe("when a mail server last accepted one of its mails"),
    waiting: z.number().int().describe("mails that wait to be sent"),
    last_error: z.string().nullable().describe("why the newest mail that was tried is not sent; null: it was"),
    ...stamps,
  })
  .openapi("ReportSchedule");
export type ReportSchedule = z.output<typeof reportSchedule>;

export const reportDelivery = z
  .object({
    id: z.number().int(),
    schedule_id: id,
    recipient: z.string(),
    from: timestamp.describe("begin of what it tells of"),
    due_at: timestamp.describe("and its end"),
    state: z.enum(["waiting", "sent", "failed", "cancelled"]),
    attempts: z.number().int(),
    attempted_at: nullableTimestamp,
    sent_at: nullableTimestamp.describe("when the mail server accepted it"),
    response: z.string().nullable().describe("what the other side said, or why it is not sent"),
    created_at: timestamp,
  })
  .openapi("ReportDelivery");
export type ReportDelivery = z.output<typeof reportDelivery>;
