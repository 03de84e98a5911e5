import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { PoolClient } from "pg";
import { ALERT_TYPES, SEVERITIES } from "../../../ingest/domain/alert/rule.ts";
import type { Principal } from "../../auth/principal.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { ApiEnv } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryFlag, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { invalid, Problem, unknownReference } from "../../http/problem.ts";
import { type ApiResponse, list, ok, okLive } from "../../http/response.ts";
import { listDeliveriesOfAlert } from "../notification-rules/queries.ts";
import { delivery } from "../notification-rules/schema.ts";
import { type AlertChange, changeAlert, getAlert, listAlertEvents, listAlerts, listAssignees } from "./queries.ts";
import {
  acknowledgement,
  alert,
  ALERT_STATES,
  alertEvent,
  assignee,
  assignment,
  resolution,
  snooze,
} from "./schema.ts";

const tag = "Alerts";

export const listQuery = z.strictObject({
  state: z.enum(ALERT_STATES).optional(),
  active: queryFlag.optional().describe("true: those that are not resolved"),
  type: z.enum(ALERT_TYPES).optional(),
  severity: z.enum(SEVERITIES).optional(),
  subject: z.string().max(255).optional().describe("exactly, e.g. `inventory_item:7`"),
  location_id: queryId.optional(),
  rule_id: queryId.optional(),
  assigned_to: queryId.optional(),
  ...pageParameters,
});

/** What needs a person: who sees to it, and what became of it. Alerts are opened by ingest (ingest/alerts/engine.ts). */
export function registerAlerts(endpoints: Endpoints): void {
  registerReads(endpoints);
  const audited = {
    table: "alerts",
    read: (client: PoolClient, { id }: { id: number }) => getAlert(client, id),
  };
  const spec = { access: HANDLING, tag, params: idParams, audited, response: alert, bodyOptional: true };
  const problems = { 409: "it is resolved already" };

  endpoints.mutate(
    {
      route: "POST /alerts/{id}/ack",
      summary: "Acknowledge: somebody sees to it",
      body: acknowledgement,
      problems,
      ...spec,
    },
    ({ params, body, principal, c }, client) =>
      change({ c, client, principal }, params.id, { action: "acknowledged" }, body.note),
  );
  endpoints.mutate(
    {
      ...spec,
      route: "POST /alerts/{id}/snooze",
      summary: "Put aside for a time; then it is open again, unless it has ended",
      body: snooze,
      problems,
      bodyOptional: false,
    },
    ({ params, body: { until, minutes, note }, principal, c }, client) => {
      const end = until ?? new Date(Date.now() + minutes! * 60_000);
      if (end.getTime() <= Date.now()) throw invalid("/until", "expected a time to come");
      return change({ c, client, principal }, params.id, { action: "snoozed", until: end }, note);
    },
  );
  endpoints.mutate(
    {
      ...spec,
      route: "POST /alerts/{id}/assign",
      summary: "Assign to a person, or to nobody",
      body: assignment,
      problems,
      bodyOptional: false,
    },
    async ({ params, body: { user_id: userId, note }, principal, c }, client) => {
      const [person] = userId === null ? [] : await listAssignees(client, principal, { id: userId, limit: 1 });
      if (userId !== null && person === undefined) throw unknownReference("/user_id", "person who handles goods");
      const name = person?.name ?? null;
      return change({ c, client, principal }, params.id, { action: "assigned", userId, name }, note);
    },
  );
  endpoints.mutate(
    {
      ...spec,
      route: "POST /alerts/{id}/resolve",
      summary: "Resolve: it is seen to. The same alert opens again only after its cause was gone",
      body: resolution,
      problems,
    },
    ({ params, body, principal, c }, client) =>
      change({ c, client, principal }, params.id, { action: "resolved" }, body.note),
  );
}

function registerReads(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /alerts",
      access: SIGNED_IN,
      tag,
      summary: "List alerts, the newest first",
      query: listQuery,
      response: z.array(alert),
    },
    async ({ query, c, db }) => {
      const { state, active, type, severity, subject, limit } = query;
      const rows = await listAlerts(db, {
        before: idAfter(query.cursor),
        ...{ state, active, type, severity, subject },
        locationId: query.location_id,
        ruleId: query.rule_id,
        assignedTo: query.assigned_to,
        limit: limit + 1,
      });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /alerts/assignees",
      access: HANDLING,
      tag,
      summary: "List the people an alert can be assigned to",
      query: z.strictObject(pageParameters),
      response: z.array(assignee),
    },
    async ({ query: { cursor, limit }, principal, c, db }) => {
      const rows = await listAssignees(db, principal, { after: idAfter(cursor), limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /alerts/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one alert",
      params: idParams,
      response: alert,
    },
    async ({ params, db }) => okLive(await getAlert(db, params.id)),
  );
  endpoints.read(
    {
      route: "GET /alerts/{id}/history",
      access: SIGNED_IN,
      tag,
      summary: "List what became of an alert, and by whom, the oldest first",
      params: idParams,
      query: z.strictObject(pageParameters),
      response: z.array(alertEvent),
    },
    async ({ params, query: { cursor, limit }, c, db }) => {
      await getAlert(db, params.id);
      const rows = await listAlertEvents(db, params.id, idAfter(cursor), limit + 1);
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /alerts/{id}/deliveries",
      access: SIGNED_IN,
      tag,
      summary: "List to whom an alert was sent, and what the other side said, the oldest first",
      params: idParams,
      query: z.strictObject(pageParameters),
      response: z.array(delivery),
    },
    async ({ params, query: { cursor, limit }, c, db }) => {
      await getAlert(db, params.id);
      const rows = await listDeliveriesOfAlert(db, params.id, idAfter(cursor), limit + 1);
      return list(pageById(rows, limit), c.req.url);
    },
  );
}

interface Request {
  c: Context<ApiEnv>;
  client: PoolClient;
  principal: Principal;
}

/** @throws Problem 404 without the alert, 412 by If-Match, 409 when it is resolved */
async function change(
  { c, client, principal }: Request,
  id: number,
  change: AlertChange,
  note: string | undefined,
): Promise<ApiResponse> {
  await lockRowIfMatch(c, client, "alerts", id, "alert");
  const { state } = await getAlert(client, id);
  if (state === "resolved") throw new Problem(409, "this alert is resolved already");
  await changeAlert(client, id, principal, change, note);
  return ok(await getAlert(client, id));
}
