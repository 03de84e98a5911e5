import type { Pool } from "pg";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Sealer } from "../../auth/sealing.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { Problem } from "../../http/problem.ts";
import { SECRETS_OF_RULES } from "../../integrations/channels/signing-secrets.ts";
import { registerSigningSecrets } from "../signing-secrets/routes.ts";
import { getNotificationRule } from "./queries.ts";

/** The secrets that sign what the webhook of a rule gets. */
export function registerSecretsOfRules(endpoints: Endpoints, pool: Pool, sealer: Sealer): void {
  registerSigningSecrets(
    endpoints,
    { pool, sealer },
    {
      path: "/notification-rules",
      table: "notification_rules",
      noun: "notification rule",
      tag: "Alerts",
      access: MANAGEMENT,
      secrets: SECRETS_OF_RULES,
      summaries: {
        list: "List the secrets that sign what the webhook of a rule gets, oldest first; a secret itself is shown once",
        issue: "Issue a new secret; the previous one signs too until it is ended, older ones end",
        end: "End a secret: it signs nothing from now on",
      },
      get: getNotificationRule,
      unsigned: {
        problem: "the rule is of another channel: nothing signs there",
        check({ channel }) {
          if (channel !== "webhook")
            throw new Problem(409, `only webhooks are signed, and this rule tells by ${channel}`);
        },
      },
    },
  );
}
