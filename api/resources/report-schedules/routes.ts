import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { type Frequency, nextDue } from "../../../ingest/domain/analytics/report-times.ts";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { Problem } from "../../http/problem.ts";
import { created, list, noContent, ok, okLive } from "../../http/response.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import { type ReportKind, REPORTS } from "../analytics/reports.ts";
import { cancelForOthers, getReportSchedule, listReportDeliveries, listReportSchedules } from "./queries.ts";
import { newReportSchedule, reportDelivery, reportSchedule, reportScheduleChange } from "./schema.ts";

const tag = "Analytics";
const noun = "report schedule";
const COLUMNS = [
  ...["name", "enabled", "report", "filters", "frequency", "weekday", "month_day", "hour", "time_zone", "recipients"],
  ...["format", "next_due_at"],
];
const TIMES = ["frequency", "weekday", "month_day", "hour", "time_zone"] as const;

interface Timed {
  frequency: Frequency;
  weekday?: number | null | undefined;
  month_day?: number | null | undefined;
  hour: number;
  time_zone: string;
}

const dueAfterNow = ({ frequency, weekday, month_day: monthDay, hour, time_zone: zone }: Timed): Date =>
  new Date(nextDue({ frequency, weekday: weekday ?? null, monthDay: monthDay ?? null, hour, zone }, Date.now()));

/** Filters are those of the report's own list. @throws Problem 400 */
function checkFilters(kind: ReportKind, filters: Record<string, string>): void {
  const period = { from: true, to: true } as const;
  const { query } = REPORTS[kind]!;
  const known = "from" in query.shape ? query.omit(period) : query;
  const result = known.safeParse(filters);
  if (result.success) return;
  const errors = result.error.issues.map(({ path, message }) => ({
    pointer: `/filters${path.map((part) => `/${String(part)}`).join("")}`,
    message,
  }));
  throw new Problem(400, `these are no filters of the report "${kind}"`, { errors });
}

/** Reports of analytics that are mailed at regular times. The relay sends them (api/integrations/reports/report-relay.ts). */
export function registerReportSchedules(endpoints: Endpoints, pool: Pool): void {
  const audited = {
    table: "report_schedules",
    read: (client: PoolClient, { id }: { id: number }) => getReportSchedule(client, id),
  };
  endpoints.read(
    {
      route: "GET /report-schedules",
      access: MANAGEMENT,
      tag,
      summary: "List the reports that are sent by mail",
      query: z.strictObject(pageParameters),
      response: z.array(reportSchedule),
    },
    async ({ query: { cursor, limit }, c }) =>
      list(pageById(await listReportSchedules(pool, idAfter(cursor), limit + 1), limit), c.req.url),
  );
  endpoints.mutate(
    {
      route: "POST /report-schedules",
      access: MANAGEMENT,
      tag,
      summary: "Have a report sent by mail each day, week or month: once for each due time to each recipient",
      body: newReportSchedule,
      response: reportSchedule,
      status: 201,
    },
    async ({ body, c }, client) => {
      checkFilters(body.report, body.filters ?? {});
      const row = { format: "csv", filters: {}, ...body, next_due_at: dueAfterNow(body) };
      const id = await insertRow(client, "report_schedules", row, COLUMNS);
      return created(await getReportSchedule(client, id), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /report-schedules/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Get one report that is sent by mail",
      params: idParams,
      response: reportSchedule,
    },
    async ({ params }) => okLive(await getReportSchedule(pool, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /report-schedules/{id}",
      access: MANAGEMENT,
      tag,
      summary:
        "Change it; a mail that waits goes to nobody who is no recipient any more, and to nobody if it is turned off",
      params: idParams,
      audited,
      body: reportScheduleChange,
      response: reportSchedule,
    },
    async ({ params: { id }, body, c }, client) => {
      await lockRowIfMatch(c, client, "report_schedules", id, noun);
      const before = await getReportSchedule(client, id);
      checkFilters(body.report ?? before.report, body.filters ?? before.filters);
      const isTimed = body.enabled === true || TIMES.some((field) => body[field] !== undefined);
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const times = { ...before, ...given } as Timed;
      const change = isTimed ? { ...body, next_due_at: dueAfterNow(times) } : body;
      await updateRow(client, "report_schedules", id, change, COLUMNS);
      if (body.enabled === false) await cancelForOthers(client, id, [], "the report was turned off");
      else if (body.recipients) await cancelForOthers(client, id, body.recipients, "no recipient any more");
      return ok(await getReportSchedule(client, id));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /report-schedules/{id}",
      access: MANAGEMENT,
      tag,
      summary: "End a report; what waits is not sent",
      params: idParams,
      audited,
      status: 204,
    },
    async ({ params: { id }, c }, client) => {
      await lockRowIfMatch(c, client, "report_schedules", id, noun);
      await deleteRow(client, "report_schedules", id);
      return noContent;
    },
  );
  endpoints.read(
    {
      route: "GET /report-schedules/{id}/deliveries",
      access: MANAGEMENT,
      tag,
      summary: "List the mails of a report, and what the other side said, the newest first",
      params: idParams,
      query: z.strictObject(pageParameters),
      response: z.array(reportDelivery),
    },
    async ({ params, query: { cursor, limit }, c }) => {
      await getReportSchedule(pool, params.id);
      const rows = await listReportDeliveries(pool, params.id, idAfter(cursor), limit + 1);
      return list(pageById(rows, limit), c.req.url);
    },
  );
}
