// The service worker: it shows what the server pushes, also while no page is open, and opens the alert by a click. It caches nothing.

/** What the server pushes (api/integrations/channels/push-message.ts). */
interface PushPayload {
  title: string;
  body: string;
  url: string;
  tag: string;
}

/* The library of types has pages or service workers, not both. */
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface PushMessageEvent extends ExtendableEvent {
  data: { json(): unknown } | null;
}
interface ClickEvent extends ExtendableEvent {
  notification: Notification;
}
interface WindowClient {
  url: string;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
}
interface Worker {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(options: { type: "window"; includeUncontrolled: true }): Promise<WindowClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(type: "push", listener: (event: PushMessageEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickEvent) => void): void;
}
const worker = globalThis as unknown as Worker;

worker.addEventListener("push", (event) => {
  if (event.data === null) return;
  const { title, body, url, tag } = event.data.json() as PushPayload;
  // A repeat has the same tag: it replaces what is shown, without another sound.
  event.waitUntil(worker.registration.showNotification(title, { body, tag, data: { url } }));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { hash } = new URL((event.notification.data as { url: string }).url);
  // The page of this installation, whatever PUBLIC_URL says.
  event.waitUntil(showPage(new URL(`/${hash}`, worker.registration.scope).href));
});

async function showPage(url: string): Promise<void> {
  const [open] = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (open === undefined) return void (await worker.clients.openWindow(url));
  await open.focus();
  // A page that this worker does not control cannot be sent elsewhere by it.
  await open.navigate(url).catch(() => worker.clients.openWindow(url));
}
