import { z } from "@hono/zod-openapi";
import type { Principal } from "../../auth/principal.ts";
import { canManage, SIGNED_IN } from "../../auth/roles.ts";
import type { Sessions } from "../../auth/sessions.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { invalid, Problem } from "../../http/problem.ts";
import type { LiveFeed } from "../../live/feed.ts";
import { isTopic } from "../../live/event-buffer.ts";
import { type Topic, TOPICS } from "../../live/topics.ts";
import type { Box } from "../../live/sse-client.ts";

const MAX_STREAMS_PER_USER = 20;
/** How long a stream may outlive the session it was opened by. */
const SESSION_CHECK_MS = 30_000;

const streamQuery = z.strictObject({
  topics: z
    .string()
    .max(256)
    .optional()
    .describe(`some of ${TOPICS.join(", ")}; all by default`),
  bbox: z
    .string()
    .max(128)
    .optional()
    .describe("west,south,east,north in degrees: only positions in there (RFC 7946 §5)"),
});

/** @throws Problem 400 unless it is four numbers of degrees, south below north */
function boxOf(text: string | undefined): Box | undefined {
  if (text === undefined) return undefined;
  const [west, south, east, north, ...more] = text
    .split(",")
    .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const box = {
    west: west ?? Number.NaN,
    south: south ?? Number.NaN,
    east: east ?? Number.NaN,
    north: north ?? Number.NaN,
  };
  const isBox =
    more.length === 0 &&
    [box.west, box.east].every((lon) => Math.abs(lon) <= 180) &&
    [box.south, box.north].every((lat) => Math.abs(lat) <= 90) &&
    box.south <= box.north;
  if (!isBox) throw invalid("/bbox", "expected west,south,east,north in degrees");
  return box;
}

/** @throws Problem 400 for an unknown topic, 403 for one that is not for this role */
function topicsFor({ role }: Principal, asked: string | undefined): Set<Topic> {
  const topics = new Set<Topic>();
  for (const topic of asked?.split(",") ?? TOPICS) {
    if (!isTopic(topic)) throw invalid("/topics", `there is no topic ${JSON.stringify(topic)}`);
    if (topic !== "devices" || canManage(role)) topics.add(topic);
    else if (asked !== undefined) throw new Problem(403, `a ${role} may not follow devices`);
  }
  return topics;
}

/** Changes as they happen, by server-sent events. */
export function registerStream(endpoints: Endpoints, feed: LiveFeed, sessions: Sessions): void {
  const open = new Map<number, number>();

  endpoints.custom(
    {
      route: "GET /stream",
      access: SIGNED_IN,
      tag: "Live",
      summary: "Changes as they happen (server-sent events); Last-Event-ID resumes, else `reset` tells to read again",
      query: streamQuery,
    },
    async ({ query, principal, c }) => {
      const { userId } = principal;
      const topics = topicsFor(principal, query.topics);
      const within = boxOf(query.bbox);
      if ((open.get(userId) ?? 0) >= MAX_STREAMS_PER_USER) {
        throw new Problem(429, `at most ${MAX_STREAMS_PER_USER} streams at once`, { headers: { "Retry-After": "5" } });
      }
      open.set(userId, (open.get(userId) ?? 0) + 1);
      const viewer = feed.connect(topics, c.req.header("Last-Event-ID"), within);
      const watch = setInterval(() => {
        // A database that is away ends no stream: the next check decides.
        sessions.isValid(principal).then(
          (stands) => stands || viewer.close(),
          () => undefined,
        );
      }, SESSION_CHECK_MS);
      watch.unref();
      viewer.onClosed(() => {
        clearInterval(watch);
        const left = (open.get(userId) ?? 1) - 1;
        if (left > 0) open.set(userId, left);
        else open.delete(userId);
      });
      return new Response(viewer.stream, {
        headers: {
          "Content-Type": "text/event-stream; charset=utf-8",
          "Cache-Control": "no-store",
          "X-Accel-Buffering": "no",
        },
      });
    },
  );
}
