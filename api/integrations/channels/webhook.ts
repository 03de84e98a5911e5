import { createHmac } from "node:crypto";
import type { Message, MessageKind } from "./message.ts";

/** What a webhook's secret begins with (Standard Webhooks 1.0.0). */
const SECRET_PREFIX = "whsec_";
export const WEBHOOK_SECRET_BYTES = 32;
export const secretText = (secret: Buffer): string => `${SECRET_PREFIX}${secret.toString("base64")}`;

const EVENTS: Readonly<Record<MessageKind, string>> = {
  alert: "alert.opened",
  digest: "alert.digest",
  escalation: "alert.escalated",
  test: "test",
};

/** What a webhook gets. Alerts are as `GET /alerts/{id}` shows them. */
export function webhookBody({ kind, at, rule, alerts, total }: Message): string {
  const shownAlerts = alerts.map((alert) => ({ ...alert, version: undefined }));
  return JSON.stringify({ type: EVENTS[kind], timestamp: at, data: { rule, total, alerts: shownAlerts } });
}

/**
 * The headers of Standard Webhooks 1.0.0: the id is the same at each attempt, the time is that of the attempt.
 * @param nowMs epoch milliseconds
 */
export function webhookHeaders(
  key: string,
  secret: Buffer | undefined,
  body: string,
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const headers = { "webhook-id": key, "webhook-timestamp": timestamp };
  if (secret === undefined) return headers;
  const signature = createHmac("sha256", secret).update(`${key}.${timestamp}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${signature}` };
}
