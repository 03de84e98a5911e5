import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { isLimited, keyOfLimits, readerOf } from "../../auth/limits.ts";
import type { Sealer } from "../../auth/sealing.ts";
import { findAlerts } from "../../resources/alerts/queries.ts";
import { type Answer, type Send, printable } from "../channels/channel.ts";
import { mailHost } from "../channels/email.ts";
import type { Message } from "../channels/message.ts";
import { post } from "../channels/post.ts";
import { ensurePushKeys } from "../channels/push-keys.ts";
import { pushRequest, type PushSigner } from "../channels/push-message.ts";
import { findPushBrowsers, type PushBrowser, recordPushReceipt, removeGoneBrowser } from "./push-browsers.ts";

/** Browsers that one message is on its way to at once. */
const AT_ONCE = 8;
/** A push service does not know the subscription (RFC 8030 §7.3), or not any longer. */
const GONE: readonly (number | undefined)[] = [404, 410];

interface PushOptions {
  pool: Pool;
  sealer: Sealer;
  publicUrl: string;
  allowedHosts: readonly string[];
}

/** What became of a message for one browser. */
type Told = { outcome: "accepted" | "gone" | "refused"; response: string; retryMs?: number | undefined };

/**
 * Sends a message to all browsers of a user, or of the users with a role. Each browser that accepts it is written down at once: a later
 * attempt goes to the others alone, also after the relay was killed. Nobody is told of what they may not see.
 */
export function createPushChannel({ pool, sealer, publicUrl, allowedHosts }: PushOptions): Send {
  const isHttps = publicUrl.startsWith("https://");
  const subject = isHttps ? publicUrl : `mailto:waystock@${mailHost(publicUrl)}`;

  async function tell(browser: PushBrowser, message: Message, signer: PushSigner, signal: AbortSignal): Promise<Told> {
    const { body, headers } = pushRequest(message, browser, signer);
    const answer = await post(browser.endpoint, body, { headers, signal, allowedHosts });
    const { response } = answer;
    if (answer.accepted) {
      await untilWritten(() => recordPushReceipt(pool, message.deliveryId, browser.id), signal);
      return { outcome: "accepted", response };
    }
    if (!GONE.includes(answer.status)) return { outcome: "refused", response, retryMs: answer.retryMs };
    await removeGoneBrowser(pool, browser);
    return { outcome: "gone", response };
  }

  return async (target, message, signal) => {
    const browsers = await findPushBrowsers(pool, target, message.deliveryId);
    if (browsers.length === 0) return { accepted: false, isFinal: true, response: nobodyAt(target) };
    const { publicKey, privateKey } = await ensurePushKeys(pool, sealer);
    if (privateKey === undefined) {
      const response = "the key that signs push messages cannot be read: this process has another SECRETS_KEY";
      return { accepted: false, response };
    }
    const seen = await seenBy(pool, message, browsers);
    const waiting = browsers.flatMap((browser) => {
      const own = seen.get(keyOfReader(browser));
      return browser.isTold || own === undefined ? [] : [{ browser, message: own }];
    });
    const told: Told[] = browsers.filter(({ isTold }) => isTold).map(() => ({ outcome: "accepted", response: "" }));
    const signer = { subject, publicKey, privateKey };
    for (let from = 0; from < waiting.length; from += AT_ONCE) {
      const group = waiting.slice(from, from + AT_ONCE);
      told.push(...(await Promise.all(group.map((to) => tell(to.browser, to.message, signer, signal)))));
    }
    return answerOf(told);
  };
}

const WRITE_AGAIN_MS = 200;

/** What was accepted is written down even if Postgres is away for a moment: else it would be sent again. */
async function untilWritten(write: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (signal.aborted) throw error;
      await sleep(WRITE_AGAIN_MS);
    }
  }
}

const nobodyAt = (target: string): string =>
  target.includes("@")
    ? `no active user has the address ${target} and a subscribed browser`
    : `no active user with the role ${target} has a subscribed browser`;

/** Under the same limits the same is seen; a limit to owners shows the orders that a user has placed, which no alert is about. */
const keyOfReader = ({ limits }: PushBrowser): string => keyOfLimits(limits);

/** The message as each of the readers may see it, by their limits; none for those who may see nothing of it. */
async function seenBy(
  pool: Pool,
  message: Message,
  browsers: readonly PushBrowser[],
): Promise<ReadonlyMap<string, Message>> {
  const seen = new Map<string, Message>();
  const ids = message.alerts.map(({ id }) => id);
  for (const browser of new Map(browsers.map((each) => [keyOfReader(each), each])).values()) {
    if (message.kind === "test" || !isLimited(browser.limits)) {
      seen.set(keyOfReader(browser), message);
      continue;
    }
    const reader = readerOf(pool, { limits: browser.limits, kind: "user", id: browser.userId });
    const alerts = await findAlerts(reader, ids);
    if (alerts.length > 0) seen.set(keyOfReader(browser), { ...message, alerts, total: alerts.length });
  }
  return seen;
}

function answerOf(told: readonly Told[]): Answer {
  if (told.length === 0)
    return { accepted: false, isForNobody: true, response: "nobody who would be told may see what it is about" };
  const of = (outcome: Told["outcome"]) => told.filter((each) => each.outcome === outcome);
  const [accepted, gone, refused] = [of("accepted"), of("gone"), of("refused")];
  const parts = [
    accepted.length > 0 && `accepted for ${browsersOf(accepted)}`,
    gone.length > 0 && `${browsersOf(gone)} gone and removed: ${gone[0]!.response}`,
    refused.length > 0 && `not accepted for ${browsersOf(refused)}: ${refused[0]!.response}`,
  ];
  const response = printable(parts.filter((part) => part !== false).join("; "));
  if (refused.length > 0) {
    const asked = refused.flatMap(({ retryMs }) => (retryMs === undefined ? [] : [retryMs]));
    return { accepted: false, response, retryMs: asked.length === 0 ? undefined : Math.max(...asked) };
  }
  return accepted.length > 0 ? { accepted: true, response } : { accepted: false, isFinal: true, response };
}

const browsersOf = ({ length }: readonly Told[]): string => `${length} ${length === 1 ? "browser" : "browsers"}`;
