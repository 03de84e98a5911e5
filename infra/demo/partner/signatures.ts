import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

const MAX_AGE_MS = 5 * 60_000;

const isSame = (given: string, right: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const headerOf = (headers: IncomingHttpHeaders, name: string): string => String(headers[name] ?? "");

/** Whether a webhook is of the platform, and new (Standard Webhooks 1.0.0). @param secret `whsec_…` */
export function isWebhookGenuine(headers: IncomingHttpHeaders, body: string, secret: string): boolean {
  const sentAt = headerOf(headers, "webhook-timestamp");
  if (!(Math.abs(Date.now() - Number(sentAt) * 1000) < MAX_AGE_MS)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = `${headerOf(headers, "webhook-id")}.${sentAt}.${body}`;
  const right = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
  return headerOf(headers, "webhook-signature")
    .split(" ")
    .some((each) => isSame(each, right));
}

/** Whether a document of an EPCIS subscription is of the platform: `GS1-Signature` is HMAC-SHA-256 over the body, in base64. */
export function isEpcisGenuine(headers: IncomingHttpHeaders, body: string, token: string): boolean {
  return isSame(headerOf(headers, "gs1-signature"), createHmac("sha256", token).update(body).digest("base64"));
}
