// Notifications in this browser: the service worker, the permission and the subscription at the browser's push service.
import type { Body } from "./operations.ts";
import { get, post, Problem } from "./client.ts";

/** Built beside the page, or served from its source (vite.config.ts). */
const WORKER = "/push-worker.js";

/** Why this browser cannot be notified, in words; undefined: it can. */
export function pushObstacle(): string | undefined {
  if (!isSecureContext)
    return "This page was opened by http://. Browsers receive notifications only from pages opened by https://.";
  if (!("serviceWorker" in navigator) || !("PushManager" in globalThis) || !("Notification" in globalThis))
    return "This browser cannot receive notifications. On an iPhone or iPad, add this page to the home screen first, and open it there.";
  if (Notification.permission === "denied")
    return "This browser does not allow notifications of this page. Allow them in its settings for this site, and load the page again.";
  return undefined;
}

const sha256 = async (text: string): Promise<string> => {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

async function currentSubscription(): Promise<PushSubscription | undefined> {
  if (pushObstacle() !== undefined) return undefined;
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? undefined;
}

/** What the server's list calls this browser's subscription; undefined: it has none. */
export async function currentMark(): Promise<string | undefined> {
  const subscription = await currentSubscription();
  return subscription && sha256(subscription.endpoint);
}

/** Subscribes this browser, and asks for the permission: to be called by a click. */
export async function subscribeBrowser(): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted")
    throw new Problem(0, pushObstacle() ?? "The browser was not given the permission to show notifications.");
  const { public_key: publicKey } = await get("/push-key");
  const subscription = await subscribe(publicKey);
  await post("/push-subscriptions", subscription.toJSON() as Body<"post", "/push-subscriptions">);
}

/** What a browser says when it cannot is for its person: there may be no push service, as in one without an account of its maker. */
async function subscribe(applicationServerKey: string): Promise<PushSubscription> {
  try {
    await navigator.serviceWorker.register(WORKER, { scope: "/", type: "module", updateViaCache: "none" });
    const { pushManager } = await navigator.serviceWorker.ready;
    // One of another key, of an installation before this one, would get nothing.
    const before = await pushManager.getSubscription();
    if (before !== null && keyText(before) !== applicationServerKey) await before.unsubscribe();
    return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  } catch (cause) {
    throw new Problem(0, `This browser could not subscribe at its push service: ${String(cause)}`);
  }
}

function keyText({ options: { applicationServerKey } }: PushSubscription): string {
  const bytes = new Uint8Array(applicationServerKey ?? new ArrayBuffer(0));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Ends this browser's subscription at its push service, if it is this one. */
export async function unsubscribeBrowser(mark: string): Promise<void> {
  const subscription = await currentSubscription();
  if (subscription !== undefined && (await sha256(subscription.endpoint)) === mark) await subscription.unsubscribe();
}
