import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Sealer } from "../../auth/sealing.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { invalid, notFound, Problem } from "../../http/problem.ts";
import { list, noContent } from "../../http/response.ts";
import { urlProblem } from "../../integrations/channels/public-addresses.ts";
import { ensurePushKeys } from "../../integrations/channels/push-keys.ts";
import { requireUser } from "../auth/require-user.ts";
import {
  countOtherBrowsers,
  deletePushSubscription,
  findPushSubscription,
  listPushSubscriptions,
  MAX_BROWSERS,
  putPushSubscription,
} from "./queries.ts";
import { newPushSubscription, pushKey, pushSubscription, subscriptionParams } from "./schema.ts";

const tag = "Identity";

interface PushDeps {
  pool: Pool;
  sealer: Sealer;
  /** hosts with private addresses that messages may go to */
  allowedHosts: readonly string[];
}

/** The browsers in which the signed-in person is notified. What is sent there is decided by notification rules. */
export function registerPushSubscriptions(endpoints: Endpoints, { pool, sealer, allowedHosts }: PushDeps): void {
  endpoints.read(
    {
      route: "GET /push-key",
      access: SIGNED_IN,
      tag,
      summary: "Get the public key that a browser subscribes with",
      response: pushKey,
    },
    async () => ({ status: 200, body: { public_key: (await ensurePushKeys(pool, sealer)).publicKey } }),
  );
  endpoints.read(
    {
      route: "GET /push-subscriptions",
      access: SIGNED_IN,
      tag,
      summary: "List the browsers in which one is notified",
      query: z.strictObject(pageParameters),
      response: z.array(pushSubscription),
    },
    async ({ principal, query: { cursor, limit }, c }) => {
      const { id } = requireUser(principal);
      return list(pageById(await listPushSubscriptions(pool, id, idAfter(cursor), limit + 1), limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /push-subscriptions",
      access: SIGNED_IN,
      tag,
      summary: "Be notified in this browser; one that somebody else has subscribed before is one's own then",
      body: newPushSubscription,
      response: pushSubscription,
      status: 201,
      problems: { 409: `one has ${MAX_BROWSERS} browsers already` },
    },
    async ({ principal, body: { endpoint, keys }, c }, client) => {
      const { id: userId } = requireUser(principal);
      const problem = urlProblem(endpoint, allowedHosts);
      if (problem !== undefined) throw invalid("/endpoint", problem);
      if ((await countOtherBrowsers(client, userId, endpoint)) >= MAX_BROWSERS)
        throw new Problem(409, `you are notified in ${MAX_BROWSERS} browsers already: remove one first`);
      const userAgent = c.req.header("User-Agent");
      const id = await putPushSubscription(client, userId, {
        endpoint,
        p256dh: Buffer.from(keys.p256dh, "base64url"),
        auth: Buffer.from(keys.auth, "base64url"),
        ...(userAgent !== undefined && { userAgent }),
      });
      return { status: 201, body: (await findPushSubscription(client, userId, id))! };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /push-subscriptions/{subscription_id}",
      access: SIGNED_IN,
      tag,
      summary: "Be no longer notified in one of one's own browsers",
      params: subscriptionParams,
      status: 204,
    },
    async ({ principal, params }, client) => {
      const { id } = requireUser(principal);
      if (!(await deletePushSubscription(client, id, params.subscription_id))) throw notFound("push subscription");
      return noContent;
    },
  );
}
