import type { Pool } from "pg";
import type { Sealer } from "../../auth/sealing.ts";
import type { ChannelName, Send } from "../channels/channel.ts";
import { slackBody, teamsBody } from "../channels/chat.ts";
import { createEmailChannel } from "../channels/email.ts";
import { post } from "../channels/post.ts";
import { createPushChannel } from "./push.ts";
import { readSigningSecrets, SECRETS_OF_RULES, UNREADABLE_SECRET } from "../channels/signing-secrets.ts";
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
      const secrets = await readSigningSecrets(pool, sealer, SECRETS_OF_RULES, message.rule.id);
      if (secrets === undefined) return { accepted: false, response: UNREADABLE_SECRET };
      const body = webhookBody(message);
      const headers = webhookHeaders(message.key, secrets, body, Date.now());
      return post(target, body, { headers, signal, allowedHosts });
    },
    push: createPushChannel({ pool, sealer, publicUrl, allowedHosts }),
    slack: (target, message, signal) => post(target, slackBody(message), { signal, allowedHosts }),
    teams: (target, message, signal) => post(target, teamsBody(message), { signal, allowedHosts }),
  };
}
