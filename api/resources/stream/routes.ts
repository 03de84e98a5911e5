import type { Principal } from "../../auth/principal.ts";
import { canManage, SIGNED_IN } from "../../auth/roles.ts";
import type { Sessions } from "../../auth/sessions.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { isTopic } from "../../live/event-buffer.ts";
import type { LiveFeed } from "../../live/feed.ts";
import { type Topic, TOPICS } from "../../live/topics.ts";
import { parseBox, streamQuery } from "./schema.ts";

const MAX_STREAMS_PER_USER = 20;
/** How often the session of an open stream is checked. */
const SESSION_CHECK_MS = 30_000;

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

/** The live stream: changes as server-sent events. */
export function registerStream(endpoints: Endpoints, feed: LiveFeed, sessions: Sessions): void {
  /** open streams by user id */
  const streams = new Map<number, number>();

  endpoints.custom(
    {
      route: "GET /stream",
      access: SIGNED_IN,
      tag: "Live",
      summary:
        "Follow changes by server-sent events; Last-Event-ID resumes, event `reset` means: read everything again",
      query: streamQuery,
    },
    async ({ query, principal, c }) => {
      const { userId } = principal;
      const topics = topicsFor(principal, query.topics);
      const within = parseBox(query.bbox);
      if ((streams.get(userId) ?? 0) >= MAX_STREAMS_PER_USER) {
        throw new Problem(429, `a user may have ${MAX_STREAMS_PER_USER} streams at once`, {
          headers: { "Retry-After": "5" },
        });
      }
      streams.set(userId, (streams.get(userId) ?? 0) + 1);
      const client = feed.connect(topics, c.req.header("Last-Event-ID"), within);
      const sessionCheck = setInterval(() => {
        // Without Postgres the session cannot be checked: the stream goes on until the next check.
        sessions.isValid(principal).then(
          (valid) => valid || client.close(),
          () => undefined,
        );
      }, SESSION_CHECK_MS);
      sessionCheck.unref();
      client.onClosed(() => {
        clearInterval(sessionCheck);
        const left = (streams.get(userId) ?? 1) - 1;
        if (left > 0) streams.set(userId, left);
        else streams.delete(userId);
      });
      return new Response(client.stream, {
        headers: {
          "Content-Type": "text/event-stream; charset=utf-8",
          "Cache-Control": "no-store",
          "X-Accel-Buffering": "no",
        },
      });
    },
  );
}
