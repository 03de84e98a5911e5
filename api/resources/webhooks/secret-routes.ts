import type { Pool } from "pg";
import { ADMINISTRATION } from "../../auth/roles.ts";
import type { Sealer } from "../../auth/sealing.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { SECRETS_OF_WEBHOOKS } from "../../integrations/channels/signing-secrets.ts";
import { registerSigningSecrets } from "../signing-secrets/routes.ts";
import { getWebhook } from "./queries.ts";

/** The secrets that sign what a webhook gets. */
export function registerSecretsOfWebhooks(endpoints: Endpoints, pool: Pool, sealer: Sealer): void {
  registerSigningSecrets(
    endpoints,
    { pool, sealer },
    {
      path: "/webhooks",
      table: "webhooks",
      noun: "webhook",
      tag: "Integration",
      access: ADMINISTRATION,
      secrets: SECRETS_OF_WEBHOOKS,
      summaries: {
        list: "List the secrets that sign what a webhook gets, oldest first; a secret itself is shown once",
        issue: "Issue a new secret of a webhook; the previous one signs too until it is ended, older ones end",
        end: "End a secret of a webhook: it signs nothing from now on",
      },
      get: getWebhook,
    },
  );
}
