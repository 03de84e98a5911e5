import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { ADMINISTRATION } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { Problem } from "../../http/problem.ts";
import { list } from "../../http/response.ts";
import { lockRow } from "../../http/rows.ts";
import {
  addWebhookTest,
  getWebhookDelivery,
  listWebhookDeliveries,
  replayDeliveries,
  replayFailed,
  replaySince,
} from "./delivery-queries.ts";
import { getWebhook } from "./queries.ts";
import { DELIVERY_STATES, webhookDelivery, webhookReplay, webhookReplayed } from "./schema.ts";

const tag = "Integration";

/** What was sent to webhooks, and sending it again. */
export function registerDeliveriesOfWebhooks(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /webhooks/{id}/deliveries",
      access: ADMINISTRATION,
      tag,
      summary: "List what was sent to a webhook, and what the other side said, the newest first",
      params: idParams,
      query: z.strictObject({ ...pageParameters, state: z.enum(DELIVERY_STATES).optional() }),
      response: z.array(webhookDelivery),
    },
    async ({ params, query: { cursor, limit, state }, c }) => {
      await getWebhook(pool, params.id);
      const filter = { webhookId: params.id, state, before: idAfter(cursor), limit: limit + 1 };
      return list(pageById(await listWebhookDeliveries(pool, filter), limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /webhooks/{id}/replay",
      access: ADMINISTRATION,
      tag,
      summary:
        "Send events again, with the ids that they had: those since a time, those of deliveries, or what failed or was cancelled",
      params: idParams,
      body: webhookReplay,
      bodyOptional: true,
      response: webhookReplayed,
      status: 202,
      problems: { 409: "the webhook is turned off, or there are too many" },
    },
    async ({ params: { id }, body }, client) => {
      // Against an endpoint that is turned off now, and another replay of the same.
      await lockRow(client, "webhooks", id);
      const { enabled } = await getWebhook(client, id);
      if (!enabled) throw new Problem(409, "the webhook is turned off: turn it on first");
      const { since, delivery_ids: deliveryIds } = body;
      const replayed =
        since !== undefined
          ? await replaySince(client, id, since)
          : deliveryIds !== undefined
            ? await replayDeliveries(client, id, deliveryIds)
            : await replayFailed(client, id);
      return { status: 202, body: { replayed } };
    },
  );
  endpoints.mutate(
    {
      route: "POST /webhooks/{id}/test",
      access: ADMINISTRATION,
      tag,
      summary: "Send a test to a webhook, once. What the other side says is shown in its deliveries",
      params: idParams,
      response: webhookDelivery,
      status: 202,
    },
    async ({ params: { id } }, client) => {
      await lockRow(client, "webhooks", id);
      await getWebhook(client, id);
      return { status: 202, body: await getWebhookDelivery(client, await addWebhookTest(client, id)) };
    },
  );
}
