import type { Pool } from "pg";
import { notificationSecretContext } from "../../auth/seal-stored.ts";
import type { KeptSecret, Sealer } from "../../auth/sealing.ts";
import type { ChannelName, Send } from "../channels/channel.ts";
import { slackBody, teamsBody } from "../channels/chat.ts";
import { createEmailChannel } from "../channels/email.ts";
import { post } from "../channels/post.ts";
import { createPushChannel } from "./push.ts";
import { webhookBody, webhookHeaders } from "../channels/webhook.ts";

export interface ChannelOptions {
  pool: Pool;
  sealer: Sealer;
  /** base of links, e.g. `https://waystock.example` */
  publicUrl: string;
  /** undefined: mail is not sent */
  smtpUrl: string | undefined;
  /** hosts with private addresses that may be posted to, as `host` or `host:port` */
  allowedHosts: readonly string[];
}

/** How a message is sent, by channel. */
export function createChannels(options: ChannelOptions): Readonly<Record<ChannelName, Send>> {
  const { pool, sealer, publicUrl, smtpUrl, allowedHosts } = options;
  return {
    email: createEmailChannel(smtpUrl, publicUrl),
    async webhook(target, message, signal) {
      const secrets = await readSecrets(pool, sealer, message.rule.id);
      if (secrets === undefined) {
        const response = "the secret that signs it cannot be read: this process has another SECRETS_KEY";
        return { accepted: false, response };
      }
      const body = webhookBody(message);
      const headers = webhookHeaders(message.key, secrets, body, Date.now());
      return post(target, body, { headers, signal, allowedHosts });
    },
    push: createPushChannel({ pool, sealer, publicUrl, allowedHosts }),
    slack: (target, message, signal) => post(target, slackBody(message), { signal, allowedHosts }),
    teams: (target, message, signal) => post(target, teamsBody(message), { signal, allowedHosts }),
  };
}

/** The secrets of a rule that are valid, the newest first; undefined: not all of them can be read. */
async function readSecrets(pool: Pool, sealer: Sealer, ruleId: number): Promise<readonly Buffer[] | undefined> {
  const { rows } = await pool.query<KeptSecret>(
    "SELECT secret AS plain, sealed_secret AS sealed FROM notification_secrets WHERE rule_id = $1 ORDER BY id DESC",
    [ruleId],
  );
  const secrets = rows.flatMap((row) => sealer.read(row, notificationSecretContext(ruleId)) ?? []);
  return secrets.length === 0 || secrets.length < rows.length ? undefined : secrets;
}
