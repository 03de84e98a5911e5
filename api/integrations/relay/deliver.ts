import type { Pool } from "pg";
import { retryAfterMs } from "../../../ingest/domain/notification/retry.ts";
import { findAlerts } from "../../resources/alerts/queries.ts";
import type { Answer, ChannelName, Send } from "../channels/channel.ts";
import { MAX_ALERTS } from "../channels/message.ts";
import type { ClaimedDelivery, Outcome } from "./deliveries.ts";

export interface DeliverOptions {
  pool: Pool;
  channels: Readonly<Record<ChannelName, Send>>;
  publicUrl: string;
}

/** Sends one delivery, if there is still something to tell. @returns what became of it */
export async function deliver(
  { pool, channels, publicUrl }: DeliverOptions,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<Outcome> {
  const { id, key, kind, channel, target, alertIds, createdAt, ruleId, ruleName } = delivery;
  if (kind !== "test" && alertIds.length === 0) {
    const response = kind === "escalation" ? "somebody has seen to it" : "it was over before it was to be sent";
    return { state: "cancelled", response };
  }
  const alerts = await findAlerts(pool, alertIds.slice(0, MAX_ALERTS));
  const rule = { id: ruleId, name: ruleName };
  const message = { key, deliveryId: id, kind, at: createdAt, rule, alerts, total: alertIds.length, publicUrl };
  return outcomeOf(delivery, await channels[channel](target, message, signal), Math.random());
}

/** A test is tried once: whoever sent it waits for the answer. @param random from 0 to 1 */
export function outcomeOf(
  { kind, attempts, waitingMs }: Pick<ClaimedDelivery, "kind" | "attempts" | "waitingMs">,
  answer: Answer,
  random: number,
): Outcome {
  const { response } = answer;
  if (answer.accepted) return { state: "sent", response };
  if (answer.isForNobody === true) return { state: "cancelled", response };
  if (answer.isFinal === true || kind === "test") return { state: "failed", response };
  const retryMs = retryAfterMs({ attempts, waitingMs, askedMs: answer.retryMs }, random);
  return retryMs === undefined ? { state: "failed", response } : { state: "waiting", response, retryMs };
}
