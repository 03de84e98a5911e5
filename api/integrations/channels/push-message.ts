import webPush, { type Urgency } from "web-push";
import { headline, linkOf, type Message, subjectOf, TEST_TEXT } from "./message.ts";

/** What is told in full in a notification; more is read on the page. */
const MAX_TOLD = 5;
/** Push services take 4,096 bytes with the encryption (RFC 8291 §4); a character may take four in UTF-8. */
const MAX_TEXT = 600;
/** A push service keeps a message so long for a browser that is not open, seconds: as long as the relay tries. */
const KEPT_S = 24 * 60 * 60;

/** What the page's service worker gets (api/dashboard/push-worker.ts). */
export interface PushPayload {
  title: string;
  body: string;
  /** opened by a click */
  url: string;
  /** a notification with the same tag is replaced: a repeat is seen once */
  tag: string;
}

export function pushPayload(message: Message): PushPayload {
  const { alerts, publicUrl, key, kind, total } = message;
  const [first] = alerts;
  const isOne = total === 1 && first !== undefined;
  const list = alerts.slice(0, MAX_TOLD).map(headline);
  const rest = total > list.length ? [`And ${total - list.length} more.`] : [];
  const body = kind === "test" ? TEST_TEXT : isOne ? first.next_step : [...list, ...rest].join("\n");
  return {
    title: subjectOf(message).slice(0, MAX_TEXT / 3),
    body: body.slice(0, MAX_TEXT),
    url: isOne ? linkOf(publicUrl, first) : `${publicUrl}/#/?tab=alerts`,
    tag: key,
  };
}

/** A browser as the push service knows it. Keys in base64url. */
export interface PushAddress {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** Signs what push services get (VAPID, RFC 8292). Keys in base64url. */
export interface PushSigner {
  /** whom a push service may write to: `mailto:` or `https:` */
  subject: string;
  publicKey: string;
  privateKey: string;
}

/**
 * The request that brings a message to a browser: encrypted for that browser alone (RFC 8291) and signed. `Topic` has the push service
 * replace a message that still waits there by its repeat (RFC 8030 §5.4).
 */
export function pushRequest(
  message: Message,
  { endpoint, p256dh, auth }: PushAddress,
  vapidDetails: PushSigner,
): { body: Uint8Array; headers: Record<string, string> } {
  const isUrgent = message.alerts.some(({ severity }) => severity === "critical");
  const urgency: Urgency = isUrgent ? "high" : "normal";
  const { body, headers } = webPush.generateRequestDetails(
    { endpoint, keys: { p256dh, auth } },
    JSON.stringify(pushPayload(message)),
    { vapidDetails, TTL: KEPT_S, urgency, topic: message.key.replaceAll("-", ""), contentEncoding: "aes128gcm" },
  );
  return { body: body ?? Buffer.alloc(0), headers };
}
