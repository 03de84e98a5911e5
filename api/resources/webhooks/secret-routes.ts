import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { ADMINISTRATION } from "../../auth/roles.ts";
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
  SECRETS_OF_WEBHOOKS,
} from "../../integrations/channels/signing-secrets.ts";
import { webhookSecret, webhookSecretMade } from "../notification-rules/schema.ts";
import { getWebhook } from "./queries.ts";

const tag = "Integration";
const noun = "webhook";
const secretParams = idParams.extend({
  secret_id: idParams.shape.id.openapi({ type: "integer", param: { name: "secret_id", in: "path" } }),
});
type SecretParams = z.output<typeof secretParams>;

/** The secrets of a webhook: at most two are valid, and both sign, so that its receiver can be moved from one to the next. */
export function registerSecretsOfWebhooks(endpoints: Endpoints, pool: Pool, sealer: Sealer): void {
  endpoints.read(
    {
      route: "GET /webhooks/{id}/secrets",
      access: ADMINISTRATION,
      tag,
      summary: "List the secrets that sign what a webhook gets, oldest first; a secret itself is shown once",
      params: idParams,
      response: z.array(webhookSecret),
    },
    async ({ params: { id } }) => {
      await getWebhook(pool, id);
      return { status: 200, body: await listSigningSecrets(pool, SECRETS_OF_WEBHOOKS, id) };
    },
  );
  endpoints.mutate(
    {
      route: "POST /webhooks/{id}/secrets",
      access: ADMINISTRATION,
      tag,
      summary: "Issue a new secret of a webhook; the previous one signs too until it is ended, older ones end",
      params: idParams,
      response: webhookSecretMade,
      status: 201,
      showsSecret: true,
    },
    async ({ params: { id }, c }, client) => {
      await lockRowIfMatch(c, client, "webhooks", id, noun);
      const { secret, ...made } = await addSigningSecret(client, sealer, SECRETS_OF_WEBHOOKS, id);
      return { status: 201, body: { ...made, secret }, made };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /webhooks/{id}/secrets/{secret_id}",
      access: ADMINISTRATION,
      tag,
      summary: "End a secret of a webhook: it signs nothing from now on",
      params: secretParams,
      audited: { table: "webhooks", read: findSecret },
      status: 204,
      problems: { 409: "it is the only one" },
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "webhooks", params.id, noun);
      found(await findSecret(client, params), "secret");
      if ((await listSigningSecrets(client, SECRETS_OF_WEBHOOKS, params.id)).length === 1)
        throw new Problem(409, "this is the only secret: issue a new one first");
      await deleteSigningSecret(client, SECRETS_OF_WEBHOOKS, params.secret_id);
      return noContent;
    },
  );
}

const findSecret = async (client: PoolClient, { id, secret_id: secretId }: SecretParams) =>
  (await listSigningSecrets(client, SECRETS_OF_WEBHOOKS, id)).find((secret) => secret.id === secretId);
