import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Sealer } from "../../auth/sealing.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { found, Problem } from "../../http/problem.ts";
import { noContent } from "../../http/response.ts";
import {
  addSigningSecret,
  deleteSigningSecret,
  listSigningSecrets,
  SECRETS_OF_RULES,
} from "../../integrations/channels/signing-secrets.ts";
import { getNotificationRule } from "./queries.ts";
import { webhookSecret, webhookSecretMade } from "./schema.ts";

const tag = "Alerts";
const secretParams = idParams.extend({
  secret_id: idParams.shape.id.openapi({ type: "integer", param: { name: "secret_id", in: "path" } }),
});
type SecretParams = z.output<typeof secretParams>;

/** The secrets of a webhook: at most two are valid, and both sign, so that its receiver can be moved from one to the next. */
export function registerWebhookSecrets(endpoints: Endpoints, pool: Pool, sealer: Sealer): void {
  endpoints.read(
    {
      route: "GET /notification-rules/{id}/secrets",
      access: MANAGEMENT,
      tag,
      summary:
        "List the secrets that sign what the webhook of a rule gets, oldest first; a secret itself is shown once",
      params: idParams,
      response: z.array(webhookSecret),
    },
    async ({ params: { id } }) => {
      await getNotificationRule(pool, id);
      return { status: 200, body: await listSigningSecrets(pool, SECRETS_OF_RULES, id) };
    },
  );
  endpoints.mutate(
    {
      route: "POST /notification-rules/{id}/secrets",
      access: MANAGEMENT,
      tag,
      summary: "Issue a new secret; the previous one signs too until it is ended, older ones end",
      params: idParams,
      response: webhookSecretMade,
      status: 201,
      showsSecret: true,
      problems: { 409: "the rule is of another channel: nothing signs there" },
    },
    async ({ params: { id }, c }, client) => {
      await lockRowIfMatch(c, client, "notification_rules", id, "notification rule");
      const { channel } = await getNotificationRule(client, id);
      if (channel !== "webhook") throw new Problem(409, `only webhooks are signed, and this rule tells by ${channel}`);
      const { secret, ...made } = await addSigningSecret(client, sealer, SECRETS_OF_RULES, id);
      return { status: 201, body: { ...made, secret }, made };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /notification-rules/{id}/secrets/{secret_id}",
      access: MANAGEMENT,
      tag,
      summary: "End a secret: it signs nothing from now on",
      params: secretParams,
      audited: { table: "notification_rules", read: findSecret },
      status: 204,
      problems: { 409: "it is the only one" },
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "notification_rules", params.id, "notification rule");
      found(await findSecret(client, params), "secret");
      if ((await listSigningSecrets(client, SECRETS_OF_RULES, params.id)).length === 1)
        throw new Problem(409, "this is the only secret: issue a new one first");
      await deleteSigningSecret(client, SECRETS_OF_RULES, params.secret_id);
      return noContent;
    },
  );
}

const findSecret = async (client: PoolClient, { id, secret_id: secretId }: SecretParams) =>
  (await listSigningSecrets(client, SECRETS_OF_RULES, id)).find((secret) => secret.id === secretId);
