import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import type { Access } from "../../auth/roles.ts";
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
  type SecretsOf,
} from "../../integrations/channels/signing-secrets.ts";
import { webhookSecret, webhookSecretMade } from "./schema.ts";

const secretParams = idParams.extend({
  secret_id: idParams.shape.id.openapi({ type: "integer", param: { name: "secret_id", in: "path" } }),
});
type SecretParams = z.output<typeof secretParams>;

/** What signs: a webhook, or a notification rule that tells one. */
export interface Signing<Thing> {
  path: "/webhooks" | "/notification-rules";
  table: "webhooks" | "notification_rules";
  noun: string;
  tag: string;
  access: Access;
  secrets: SecretsOf;
  summaries: { list: string; issue: string; end: string };
  /** @throws Problem 404 */
  get: (db: Pool | PoolClient, id: number) => Promise<Thing>;
  /** of those that may sign nothing */
  unsigned?: {
    /** for the documentation */
    problem: string;
    /** @throws Problem 409 */
    check: (thing: Thing) => void;
  };
}

/** The secrets of what signs: at most two are valid, and both sign, so that a receiver can be moved from one to the next. */
export function registerSigningSecrets<Thing>(
  endpoints: Endpoints,
  { pool, sealer }: { pool: Pool; sealer: Sealer },
  { path, table, noun, tag, access, secrets, summaries, get, unsigned }: Signing<Thing>,
): void {
  const findSecret = async (client: PoolClient, { id, secret_id: secretId }: SecretParams) =>
    (await listSigningSecrets(client, secrets, id)).find((secret) => secret.id === secretId);

  endpoints.read(
    {
      route: `GET ${path}/{id}/secrets`,
      access,
      tag,
      summary: summaries.list,
      params: idParams,
      response: z.array(webhookSecret),
    },
    async ({ params: { id } }) => {
      await get(pool, id);
      return { status: 200, body: await listSigningSecrets(pool, secrets, id) };
    },
  );
  endpoints.mutate(
    {
      route: `POST ${path}/{id}/secrets`,
      access,
      tag,
      summary: summaries.issue,
      params: idParams,
      response: webhookSecretMade,
      status: 201,
      showsSecret: true,
      ...(unsigned && { problems: { 409: unsigned.problem } }),
    },
    async ({ params: { id }, c }, client) => {
      await lockRowIfMatch(c, client, table, id, noun);
      unsigned?.check(await get(client, id));
      const { secret, ...made } = await addSigningSecret(client, sealer, secrets, id);
      return { status: 201, body: { ...made, secret }, made };
    },
  );
  endpoints.mutate(
    {
      route: `DELETE ${path}/{id}/secrets/{secret_id}`,
      access,
      tag,
      summary: summaries.end,
      params: secretParams,
      audited: { table, read: findSecret },
      status: 204,
      problems: { 409: "it is the only one" },
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, table, params.id, noun);
      found(await findSecret(client, params), "secret");
      if ((await listSigningSecrets(client, secrets, params.id)).length === 1)
        throw new Problem(409, "this is the only secret: issue a new one first");
      await deleteSigningSecret(client, secrets, params.secret_id);
      return noContent;
    },
  );
}
