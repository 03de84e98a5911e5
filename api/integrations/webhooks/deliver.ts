import type { Pool } from "pg";
import type { Sealer } from "../../auth/sealing.ts";
import type { Answer } from "../channels/channel.ts";
import { post } from "../channels/post.ts";
import { readSigningSecrets, SECRETS_OF_WEBHOOKS, UNREADABLE_SECRET } from "../channels/signing-secrets.ts";
import { webhookHeaders } from "../channels/webhook.ts";
import { CLOUD_EVENT_TYPE, toCloudEvent } from "../events/cloud-event.ts";
import type { RecordedEvent } from "../events/event.ts";
import { readEvents } from "../events/log.ts";
import type { ClaimedWebhookDelivery } from "./deliveries.ts";
import type { WebhookOutcome } from "./outcome.ts";
import { retryWebhookMs } from "./retry.ts";

export interface WebhookDeliverOptions {
  pool: Pool;
  sealer: Sealer;
  publicUrl: string;
  /** hosts with private addresses that may be posted to, as `host` or `host:port` */
  allowedHosts: readonly string[];
}

/** Posts one event as a signed CloudEvent. @returns what became of it */
export async function deliverWebhook(
  { pool, sealer, publicUrl, allowedHosts }: WebhookDeliverOptions,
  delivery: ClaimedWebhookDelivery,
  signal: AbortSignal,
): Promise<WebhookOutcome> {
  const event = delivery.kind === "test" ? testOf(delivery) : await findEvent(pool, delivery);
  if (event === undefined)
    return { state: "failed", response: "the event is no longer kept", status: null, isGone: false };
  const secrets = await readSigningSecrets(pool, sealer, SECRETS_OF_WEBHOOKS, delivery.webhookId);
  if (secrets === undefined)
    return outcomeOf(delivery, { accepted: false, response: UNREADABLE_SECRET }, Math.random());
  const body = JSON.stringify(toCloudEvent(event, publicUrl));
  const signed = webhookHeaders(event.id, secrets, body, Date.now());
  const headers = { ...signed, "Content-Type": CLOUD_EVENT_TYPE };
  return outcomeOf(delivery, await post(delivery.url, body, { headers, signal, allowedHosts }), Math.random());
}

async function findEvent(
  pool: Pool,
  { position, eventId }: ClaimedWebhookDelivery,
): Promise<RecordedEvent | undefined> {
  const [event] = await readEvents(pool, position - 1, 1);
  return event?.id === eventId ? event : undefined;
}

const testOf = ({ webhookId, eventId, createdAt }: ClaimedWebhookDelivery): RecordedEvent => ({
  id: eventId,
  position: 0,
  type: "webhook.test",
  corrects: null,
  subject: `/webhooks/${webhookId}`,
  happenedAt: createdAt,
  recordedAt: createdAt,
  locationId: null,
  ownerId: null,
  data: { webhook_id: webhookId },
});

/** A test is tried once: whoever sent it waits for the answer. @param random from 0 to 1 */
export function outcomeOf(
  { kind, attempts, waitingMs }: Pick<ClaimedWebhookDelivery, "kind" | "attempts" | "waitingMs">,
  answer: Answer,
  random: number,
): WebhookOutcome {
  const { response, status = null } = answer;
  if (answer.accepted) return { state: "sent", response, status };
  if (answer.isFinal === true || kind === "test")
    return { state: "failed", response, status, isGone: answer.isFinal === true };
  const { retryMs: quietMs } = answer;
  const retryMs = retryWebhookMs({ attempts, waitingMs, askedMs: quietMs }, random);
  return retryMs === undefined
    ? { state: "failed", response, status, isGone: false }
    : {
        state: "waiting",
        response,
        status,
        retryMs,
        quietMs: quietMs === undefined ? undefined : Math.min(quietMs, retryMs),
      };
}
