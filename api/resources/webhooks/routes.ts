import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { ADMINISTRATION } from "../../auth/roles.ts";
import type { Sealer } from "../../auth/sealing.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { invalid } from "../../http/problem.ts";
import { assertParties, assertReferences } from "../../http/references.ts";
import { created, list, noContent, ok, okLive } from "../../http/response.ts";
import { deleteRow, insertRow, integerArray, updateRow } from "../../http/rows.ts";
import { urlProblem } from "../../integrations/channels/public-addresses.ts";
import { addSigningSecret, SECRETS_OF_WEBHOOKS } from "../../integrations/channels/signing-secrets.ts";
import { cancelWaitingDeliveries } from "../../integrations/webhooks/outcome.ts";
import { registerDeliveriesOfWebhooks } from "./delivery-routes.ts";
import { clearFailures, getWebhook, listWebhooks, retryWaiting, withShortUrl } from "./queries.ts";
import { newWebhook, webhook, webhookChange, webhookMade } from "./schema.ts";
import { registerSecretsOfWebhooks } from "./secret-routes.ts";

const tag = "Integration";
const noun = "webhook";
const COLUMNS = ["url", "types", "location_ids", "owner_ids", "ordered", "description", "enabled"];

interface WebhookDeps {
  pool: Pool;
  sealer: Sealer;
  /** hosts with private addresses that events may go to */
  allowedHosts: readonly string[];
}

/** Other systems that are told of events. They are sent by the relay (api/integrations/webhooks/webhook-relay.ts). */
export function registerWebhooks(endpoints: Endpoints, { pool, sealer, allowedHosts }: WebhookDeps): void {
  const audited = {
    table: "webhooks",
    read: async (client: PoolClient, { id }: { id: number }) => withShortUrl(await getWebhook(client, id)),
  };

  /** @throws Problem 400 */
  async function check(client: PoolClient, given: z.output<typeof webhookChange>): Promise<void> {
    const problem = given.url === undefined ? undefined : urlProblem(given.url, allowedHosts);
    if (problem !== undefined) throw invalid("/url", problem);
    const references = (field: "location_ids" | "owner_ids") =>
      (given[field] ?? []).map((id, at) => ({ pointer: `/${field}/${at}`, id }));
    await assertReferences(client, "locations", references("location_ids"));
    await assertParties(client, "owner", references("owner_ids"));
  }

  endpoints.read(
    {
      route: "GET /webhooks",
      access: ADMINISTRATION,
      tag,
      summary: "List webhooks",
      query: z.strictObject(pageParameters),
      response: z.array(webhook),
    },
    async ({ query: { cursor, limit }, c }) =>
      list(pageById(await listWebhooks(pool, idAfter(cursor), limit + 1), limit), c.req.url),
  );
  endpoints.mutate(
    {
      route: "POST /webhooks",
      access: ADMINISTRATION,
      tag,
      summary: "Add a webhook: events are posted to it as signed CloudEvents. The secret that signs is shown once",
      body: newWebhook,
      response: webhookMade,
      status: 201,
      showsSecret: true,
    },
    async ({ body, c }, client) => {
      await check(client, body);
      const id = await insertRow(client, "webhooks", rowOf(body), COLUMNS);
      const { secret } = await addSigningSecret(client, sealer, SECRETS_OF_WEBHOOKS, id);
      const made = await getWebhook(client, id);
      return { ...created({ ...made, secret } as typeof made, c.req.url), made: withShortUrl(made) };
    },
  );
  endpoints.read(
    {
      route: "GET /webhooks/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Get one webhook",
      params: idParams,
      response: webhook,
    },
    async ({ params }) => okLive(await getWebhook(pool, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /webhooks/{id}",
      access: ADMINISTRATION,
      tag,
      summary:
        "Change a webhook. What waits goes to the new address; where it is turned off, it is cancelled, and can be replayed",
      params: idParams,
      audited,
      body: webhookChange,
      response: webhook,
    },
    async ({ params: { id }, body, c }, client) => {
      await lockRowIfMatch(c, client, "webhooks", id, noun);
      await check(client, body);
      const before = await getWebhook(client, id);
      await updateRow(client, "webhooks", id, rowOf(body), COLUMNS);
      if (body.enabled === false && before.enabled)
        await cancelWaitingDeliveries(client, id, "the webhook was turned off");
      if (body.enabled === true && !before.enabled) await clearFailures(client, id);
      if (body.url !== undefined && body.url !== before.url) await retryWaiting(client, id);
      return ok(await getWebhook(client, id));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /webhooks/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Remove a webhook, with the log of its deliveries; what waits is not sent",
      params: idParams,
      audited,
      status: 204,
    },
    async ({ params: { id }, c }, client) => {
      await lockRowIfMatch(c, client, "webhooks", id, noun);
      await deleteRow(client, "webhooks", id);
      return noContent;
    },
  );
  registerSecretsOfWebhooks(endpoints, pool, sealer);
  registerDeliveriesOfWebhooks(endpoints, pool);
}

/** Of `integer[]` columns the driver would make JSON. */
const rowOf = (body: z.output<typeof webhookChange>) => ({
  ...body,
  location_ids: integerArray(body.location_ids),
  owner_ids: integerArray(body.owner_ids),
});
