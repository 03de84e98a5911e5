import { upgradeWebSocket } from "@hono/node-server";
import type { Context } from "hono";
import type { WebSocket } from "ws";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { readerOf } from "../../../auth/limits.ts";
import type { Principal } from "../../../auth/principal.ts";
import type { Principals } from "../../../auth/principals.ts";
import { SIGNED_IN } from "../../../auth/roles.ts";
import type { ApiDeps, ApiEnv } from "../../../deps.ts";
import type { Endpoints } from "../../../http/endpoint.ts";
import { Problem } from "../../../http/problem.ts";
import { queryOfJson } from "../../../integrations/epcis/query/parse-query.ts";
import { openEventSocket, type SocketSubscription } from "../../../integrations/epcis/subscriptions/event-socket.ts";
import { RepositoryHead } from "../../../integrations/epcis/subscriptions/repository-head.ts";
import { SCHEDULE_FIELDS } from "../../../integrations/epcis/subscriptions/schedule.ts";
import { MAX_STREAMS, OpenStreams } from "../../../live/open-streams.ts";
import { answerEvents, LINKED_DATA, QUERY_PROBLEMS } from "./answers.ts";
import { findQuery } from "./query-queries.ts";
import { QueryStreams } from "./query-streams.ts";
import { foundQuery } from "./query-routes.ts";
import { namedEventsQuery, queryDocumentSchema, queryNameParams } from "./schema.ts";
import { controlsProblem, firstRunOf } from "./subscription-routes.ts";

const tag = "EPCIS";

interface StreamDeps extends Pick<ApiDeps, "listener"> {
  pool: Pool;
  log: Logger;
  /** origins of pages that may open a WebSocket by the session cookie */
  origins: readonly string[];
  companyPrefix: string | undefined;
}

/** The events of a named query, once or as they come: with `Upgrade: websocket` (EPCIS 2.0 §12.8). */
export function registerEpcisStreams(
  endpoints: Endpoints,
  { pool, log, listener, origins, companyPrefix }: StreamDeps,
  principals: Principals,
): void {
  const head = new RepositoryHead(pool, log);
  const streams = new OpenStreams(principals, listener, log);
  const ofQueries = new QueryStreams(pool, listener, log);

  endpoints.custom(
    {
      route: "GET /epcis/queries/{name}/events",
      access: SIGNED_IN,
      tag,
      summary:
        "List the events that a named query finds; with `Upgrade: websocket` and `stream=true` or a schedule, follow those that are recorded from now on",
      params: queryNameParams,
      query: namedEventsQuery,
      response: queryDocumentSchema,
      alternativeResponses: [LINKED_DATA],
      problems: QUERY_PROBLEMS,
    },
    async ({ params: { name }, query: asked, principal, c }) => {
      const reader = readerOf(pool, principal);
      const query = queryOfJson(foundQuery(await findQuery(reader, name)).query);
      const { stream, reportIfEmpty, initialRecordTime, perPage, nextPageToken, ...times } = asked;
      const schedule = SCHEDULE_FIELDS.some((field) => times[field] !== undefined) ? times : undefined;
      if (c.req.header("Upgrade")?.toLowerCase() === "websocket") {
        firstRunOf(stream === "true", schedule);
        const { eventCountLimit, maxEventCount } = query;
        if (eventCountLimit !== undefined || maxEventCount !== undefined)
          throw controlsProblem("a query with eventCountLimit or maxEventCount cannot be followed", "");
        const minRecordTime = initialRecordTime ?? new Date();
        const position = initialRecordTime === undefined ? await head.now() : await head.before(initialRecordTime);
        return upgrade(
          c,
          { queryName: name, query, principal, schedule, reportIfEmpty: reportIfEmpty === "true", position },
          minRecordTime,
        );
      }
      if (stream === "true" || schedule !== undefined || reportIfEmpty === "true" || initialRecordTime !== undefined)
        throw controlsProblem("stream and schedules are of a WebSocket: ask with Upgrade: websocket", "/stream");
      const { text, headers = {} } = await answerEvents(c, reader, query, {
        perPage,
        nextPageToken,
        queryName: name,
        companyPrefix,
      });
      return c.body(text!, 200, headers);
    },
  );

  /** @throws Problem 403 for a page of another origin, 429 with too many streams */
  async function upgrade(c: Context<ApiEnv>, subscription: SocketSubscription, minRecordTime: Date): Promise<Response> {
    const { principal } = subscription;
    assertOrigin(c, principal);
    if (streams.countOf(principal) >= MAX_STREAMS) {
      throw new Problem(429, `a user or API client may have ${MAX_STREAMS} WebSockets at once`, {
        headers: { "Retry-After": "5" },
      });
    }
    const open = upgradeWebSocket(() => ({
      onOpen: (_event, { raw }) => {
        if (raw === undefined) return;
        const socket = openEventSocket({ pool, head, log }, raw as WebSocket, subscription);
        streams.add(principal, socket);
        ofQueries.add(subscription.queryName, socket);
      },
    }));
    const response = (await open(c, () => Promise.resolve())) as Response | undefined;
    // A server that cannot switch protocols does not come here: tests without a socket do.
    if (response === undefined || response.status !== 200) throw new Problem(503, "WebSockets cannot be opened here");
    response.headers.set("GS1-Query-Min-Record-Time", minRecordTime.toISOString());
    return response;
  }

  /** Browsers send the cookie to every host, and ask no server beforehand whether its page may open a WebSocket there. */
  function assertOrigin(c: Context<ApiEnv>, { authMethod }: Principal): void {
    const origin = c.req.header("Origin");
    if (authMethod !== "cookie" || origin === undefined || origins.includes(origin)) return;
    const host = c.req.header("Host");
    if (URL.canParse(origin) && new URL(origin).host === host) return;
    throw new Problem(403, "a page of this origin may not open a WebSocket here");
  }
}
