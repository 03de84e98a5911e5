import { EPCIS_PROBLEMS } from "../headers.ts";
import { z } from "@hono/zod-openapi";
import type { Sealer } from "../../../auth/sealing.ts";
import { MANAGEMENT } from "../../../auth/roles.ts";
import type { Endpoints } from "../../../http/endpoint.ts";
import { Problem } from "../../../http/problem.ts";
import { noContent } from "../../../http/response.ts";
import { urlProblem } from "../../../integrations/channels/public-addresses.ts";
import { queryOfJson } from "../../../integrations/epcis/query/parse-query.ts";
import { nextRun, type Schedule, SCHEDULE_FIELDS } from "../../../integrations/epcis/subscriptions/schedule.ts";
import { epcisProblem } from "../../../integrations/epcis/problem.ts";
import { answerPage } from "./answers.ts";
import { findQuery } from "./query-queries.ts";
import { foundQuery } from "./query-routes.ts";
import { listQuery, newSubscription, queryNameParams, subscription, subscriptionParams } from "./schema.ts";
import { addSubscription, deleteSubscription, findSubscription, listSubscriptions } from "./subscription-queries.ts";

const tag = "EPCIS";
const NO_SUBSCRIPTION = "there is no such subscription";

/** When it runs first; undefined: a stream. @throws Problem 400 `SubscriptionControlsException` for neither or both */
export function firstRunOf(stream: boolean, schedule: Schedule | undefined): Date | undefined {
  const isScheduled = schedule !== undefined && SCHEDULE_FIELDS.some((field) => schedule[field] !== undefined);
  if (stream === isScheduled) {
    const message = stream
      ? "stream and schedule exclude each other"
      : "say when to tell: stream: true, or a schedule with at least one field";
    throw controlsProblem(message, stream ? "/stream" : "/schedule");
  }
  if (!isScheduled) return undefined;
  const first = nextRun(schedule, Date.now());
  if (first === undefined) throw controlsProblem("schedule: there is no such moment", "/schedule");
  return new Date(first);
}

export const controlsProblem = (message: string, pointer: string): Problem =>
  epcisProblem(400, "SubscriptionControlsException", message, [{ pointer, message }]);

/** Who is told of what a named query finds, by a POST to an address (EPCIS 2.0 §12.8). The relay sends. */
export function registerEpcisSubscriptions(
  endpoints: Endpoints,
  { sealer, allowedHosts }: { sealer: Sealer; allowedHosts: readonly string[] },
): void {
  endpoints.read(
    {
      route: "GET /epcis/queries/{name}/subscriptions",
      access: MANAGEMENT,
      tag,
      summary: "List the subscriptions of a named query; who has limits sees its own",
      params: queryNameParams,
      query: listQuery,
      response: z.array(subscription),
      problems: EPCIS_PROBLEMS,
    },
    async ({ db, params: { name }, query: page, c }) => {
      foundQuery(await findQuery(db, name));
      const read = (after: string | undefined, limit: number) => listSubscriptions(db, name, after, limit);
      const { rows, headers } = await answerPage(c, db, page, read, ({ subscriptionID }) => subscriptionID);
      return { status: 200, body: rows, headers };
    },
  );
  endpoints.mutate(
    {
      route: "POST /epcis/queries/{name}/subscriptions",
      access: MANAGEMENT,
      tag,
      summary:
        "Subscribe an address to a named query: each event as soon as it is recorded, or by a schedule; it is told what you may see",
      params: queryNameParams,
      body: newSubscription,
      response: subscription,
      status: 201,
      holdsPassword: ({ signatureToken }) => signatureToken !== undefined,
      problems: EPCIS_PROBLEMS,
    },
    async ({ params: { name }, body, principal }, client) => {
      const { query } = foundQuery(await findQuery(client, name));
      const { dest, signatureToken, stream = false, schedule, reportIfEmpty = false, initialRecordTime } = body;
      const problem = urlProblem(dest, allowedHosts);
      if (problem !== undefined) {
        const message = `dest: ${problem}`;
        throw epcisProblem(400, "ValidationException", message, [{ pointer: "/dest", message }]);
      }
      const { eventCountLimit, maxEventCount } = queryOfJson(query);
      if (eventCountLimit !== undefined || maxEventCount !== undefined)
        throw controlsProblem("a query with eventCountLimit or maxEventCount cannot be subscribed to", "/dest");
      const firstRunAt = firstRunOf(stream, schedule);
      if (stream && reportIfEmpty) throw controlsProblem("reportIfEmpty is of a schedule", "/reportIfEmpty");
      const made = { queryName: name, dest, signatureToken, schedule, firstRunAt, reportIfEmpty, initialRecordTime };
      const id = await addSubscription(client, sealer, principal, made);
      if (id === undefined) throw new Problem(409, "the query has as many subscriptions as it may have");
      const Location = `/epcis/queries/${encodeURIComponent(name)}/subscriptions/${id}`;
      const body201 = await findSubscription(client, name, id);
      return { status: 201, body: body201, headers: { Location } };
    },
  );
  endpoints.read(
    {
      route: "GET /epcis/queries/{name}/subscriptions/{subscription_id}",
      access: MANAGEMENT,
      tag,
      summary: "Get a subscription, with what its receiver said last",
      params: subscriptionParams,
      response: subscription,
      problems: EPCIS_PROBLEMS,
    },
    async ({ db, params: { name, subscription_id: id } }) => {
      const body = await findSubscription(db, name, id);
      if (body === undefined) throw epcisProblem(404, "NoSuchSubscriptionException", NO_SUBSCRIPTION);
      return { status: 200, body };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /epcis/queries/{name}/subscriptions/{subscription_id}",
      access: MANAGEMENT,
      tag,
      summary: "End a subscription",
      params: subscriptionParams,
      status: 204,
      problems: EPCIS_PROBLEMS,
    },
    async ({ params: { name, subscription_id: id } }, client) => {
      if (await deleteSubscription(client, name, id)) return noContent;
      throw epcisProblem(404, "NoSuchSubscriptionException", NO_SUBSCRIPTION);
    },
  );
}
