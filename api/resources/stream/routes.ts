import { z } from "@hono/zod-openapi";
import { LRUCache } from "lru-cache";
import { isLimited, keyOfLimits } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import { canManage, SIGNED_IN } from "../../auth/roles.ts";
import type { Principals } from "../../auth/principals.ts";
import type { ApiDeps } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { isTopic } from "../../live/event-buffer.ts";
import { LimitedViews } from "../../live/limited-views.ts";
import { MAX_STREAMS, OpenStreams } from "../../live/open-streams.ts";
import { type Box, StreamView } from "../../live/stream-view.ts";
import { type Topic, TOPICS } from "../../live/topics.ts";
import { orderFor } from "../orders/queries.ts";
import type { Order } from "../orders/schema.ts";
import { leavesGoods } from "../orders/status-edges.ts";
import { parseBox, streamQuery } from "./schema.ts";

/** Views that are remembered for viewers who come later. */
const MAX_VIEWS = 1_000;
/** Just after its start this process may not hear of changes yet. */
const LISTENING_WITHIN_MS = 2_000;

const STREAM_HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store",
  "X-Accel-Buffering": "no",
};

/** The requested topics; by default all that this role may read. @throws Problem 400 for an unknown one, 403 for one the role may not read */
function topicsFor({ role }: Principal, requested: string | undefined): Set<Topic> {
  const topics = new Set<Topic>();
  for (const topic of requested?.split(",") ?? TOPICS) {
    if (!isTopic(topic)) throw invalid("/topics", `there is no topic ${JSON.stringify(topic)}`);
    if (topic !== "devices" || canManage(role)) topics.add(topic);
    else if (requested !== undefined) throw new Problem(403, `a ${role} may not follow devices`);
  }
  return topics;
}

/** The live stream: changes as server-sent events. A stream ends at once when the rights of its user or API client do. */
export function registerStream(
  endpoints: Endpoints,
  { feed, listener, log, pool }: Pick<ApiDeps, "feed" | "listener" | "log" | "pool">,
  principals: Principals,
): void {
  const limited = new LimitedViews(pool);
  /** by limits, part of the map, and what a role is told of orders */
  const views = new LRUCache<string, StreamView>({ max: MAX_VIEWS });
  const streams = new OpenStreams(principals, listener, log);

  /** The view that a viewer shares with all who have the same limits, look at the same part of the map and are told the same. */
  function viewFor(principal: Principal, within: Box | undefined): StreamView {
    const { role, limits } = principal;
    const orderAs = leavesGoods(role) ? (order: object) => orderFor(role, order as Order) : undefined;
    const key = JSON.stringify([keyOfLimits(limits), within, orderAs && role]);
    const known = views.get(key);
    if (known) return known;
    const filter = isLimited(limits) ? limited.filterFor(principal) : undefined;
    const view = new StreamView(within, filter, orderAs);
    views.set(key, view);
    return view;
  }

  endpoints.custom(
    {
      route: "GET /stream",
      access: SIGNED_IN,
      tag: "Live",
      summary:
        "Follow changes by server-sent events; Last-Event-ID resumes, event `reset` means: read everything again",
      query: streamQuery,
      response: z.string(),
      responseType: "text/event-stream",
    },
    async ({ query, principal, c }) => {
      const topics = topicsFor(principal, query.topics);
      const within = parseBox(query.bbox);
      // A HEAD request gets the headers of a stream and no stream: nobody would read it, or end it.
      if (c.req.method === "HEAD") return new Response(null, { headers: STREAM_HEADERS });
      if (!(await feed.isListening(LISTENING_WITHIN_MS))) {
        throw new Problem(503, "changes cannot be followed now", { headers: { "Retry-After": "5" } });
      }
      if (streams.countOf(principal) >= MAX_STREAMS) {
        throw new Problem(429, `a user or API client may have ${MAX_STREAMS} streams at once`, {
          headers: { "Retry-After": "5" },
        });
      }
      const client = feed.connect(topics, c.req.header("Last-Event-ID"), viewFor(principal, within));
      streams.add(principal, client);
      // A connection that takes no more bytes would hold what it has not taken until it is closed for its silence.
      client.onTooSlow(() => c.env.outgoing?.destroy());
      return new Response(client.stream, { headers: STREAM_HEADERS });
    },
  );
}
