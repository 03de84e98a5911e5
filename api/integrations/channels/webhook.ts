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
 * The headers of Standard Webhooks 1.0.0: the id is the same at each attempt, the time is that of the attempt. Each of the secrets signs:
 * a receiver that knows one of them takes the message.
 * @param nowMs epoch milliseconds
 */
export function webhookHeaders(
  key: string,
  secrets: readonly Buffer[],
  body: string,
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signatures = secrets.map((secret) => {
    const signature = createHmac("sha256", secret).update(`${key}.${timestamp}.${body}`).digest("base64");
    return `v1,${signature}`;
  });
  return { "webhook-id": key, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
