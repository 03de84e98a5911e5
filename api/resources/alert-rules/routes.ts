import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import type { AlertType } from "../../../ingest/domain/alert/rule.ts";
import { principalName } from "../../auth/principal.ts";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { Problem } from "../../http/problem.ts";
import { assertReferences } from "../../http/references.ts";
import { created, list, noContent, ok, okLive } from "../../http/response.ts";
import { deleteRow, insertRow, integerArray, updateRow } from "../../http/rows.ts";
import type { SeriesReader } from "../readings/series.ts";
import { dryRun } from "./dry-run.ts";
import { endRule, getAlertRule, listAlertRules, lockEngines, typeOfRule } from "./queries.ts";
import { alertRule, alertRuleChange, dryRunRequest, dryRunResult, newAlertRule, paramProblems } from "./schema.ts";

const tag = "Alerts";
const COLUMNS = ["name", "type", "severity", "enabled", "location_ids", "params"];

interface Rule {
  location_ids?: readonly number[] | null | undefined;
  params?: object | undefined;
}

/** @throws Problem 400 for params that rules of this type do not have, or a location that does not exist */
async function check(client: PoolClient, type: AlertType, { location_ids, params = {} }: Rule): Promise<void> {
  const errors = paramProblems(type, params);
  if (errors) throw new Problem(400, `these are no limits of a rule of type ${type}`, { errors });
  await assertReferences(
    client,
    "locations",
    (location_ids ?? []).map((id, at) => ({ pointer: `/location_ids/${at}`, id })),
  );
}

/** A body as a row: of `integer[]` columns the driver would make JSON. */
const rowOf = <Body extends Rule>(body: Body) => ({ ...body, location_ids: integerArray(body.location_ids) });

/** What opens an alert: data that managers change, and may try on the last days before. */
export function registerAlertRules(endpoints: Endpoints, pool: Pool, series: SeriesReader): void {
  const audited = {
    table: "alert_rules",
    read: (client: PoolClient, { id }: { id: number }) => getAlertRule(client, id),
  };
  endpoints.read(
    {
      route: "GET /alert-rules",
      access: SIGNED_IN,
      tag,
      summary: "List alert rules",
      query: z.strictObject(pageParameters),
      response: z.array(alertRule),
    },
    async ({ query: { cursor, limit }, c }) =>
      list(pageById(await listAlertRules(pool, idAfter(cursor), limit + 1), limit), c.req.url),
  );
  endpoints.mutate(
    {
      route: "POST /alert-rules",
      access: MANAGEMENT,
      tag,
      summary: "Add an alert rule",
      body: newAlertRule,
      response: alertRule,
      status: 201,
    },
    async ({ body, c }, client) => {
      await check(client, body.type, body);
      const id = await insertRow(client, "alert_rules", { severity: "warning", ...rowOf(body) }, COLUMNS);
      return created(await getAlertRule(client, id), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /alert-rules/dry-run",
      access: MANAGEMENT,
      tag,
      summary: "Say how often such a rule would have opened an alert in the last days; nothing is changed",
      body: dryRunRequest,
      response: dryRunResult,
    },
    async ({ body }, client) => {
      await check(client, body.type, body);
      return { status: 200, body: await dryRun({ db: client, series }, body, Date.now()) };
    },
  );
  endpoints.read(
    {
      route: "GET /alert-rules/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one alert rule",
      params: idParams,
      response: alertRule,
    },
    async ({ params }) => okLive(await getAlertRule(pool, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /alert-rules/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Change an alert rule; one that is turned off resolves its alerts",
      params: idParams,
      audited,
      body: alertRuleChange,
      response: alertRule,
    },
    async ({ params, body, principal, c }, client) => {
      await lockEngines(client);
      await lockRowIfMatch(c, client, "alert_rules", params.id, "alert rule");
      await check(client, await typeOfRule(client, params.id), body);
      await updateRow(client, "alert_rules", params.id, rowOf(body), COLUMNS);
      if (body.enabled === false) await endRule(client, params.id, principalName(principal), "the rule was turned off");
      return ok(await getAlertRule(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /alert-rules/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Remove an alert rule; its alerts are resolved",
      params: idParams,
      audited,
      status: 204,
    },
    async ({ params, principal, c }, client) => {
      await lockEngines(client);
      await lockRowIfMatch(c, client, "alert_rules", params.id, "alert rule");
      await endRule(client, params.id, principalName(principal), "the rule was removed");
      await deleteRow(client, "alert_rules", params.id);
      return noContent;
    },
  );
}
