import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { pidOf } from "../support/platform-process.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { freePort } from "../../infra/runtime/free-port.ts";
import { type PushReceiver, startPushReceiver } from "../support/push-receiver.ts";

/** Not a limit of what is tested: a lease of 30 s is waited for, and machines are busy. */
const WAIT = { timeout: 240_000, interval: 100 };

let platform: TestPlatform;
let push: PushReceiver;
let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  push = await startPushReceiver();
  const host = push.url.replace("http://", "");
  // The API comes back on the port that it had.
  const HTTP_PORT = String(await freePort("127.0.0.1"));
  platform = await startPlatform({ environment: { DATABASE_URL: db.url, HTTP_PORT, WEBHOOK_ALLOWED_HOSTS: host } });
}, 90_000);
afterAll(async () => {
  await platform?.close();
  await push?.close();
  await db?.drop();
});

type Row = Record<string, unknown>;
const read = <T = Row[]>(path: string): Promise<T> => platform.call<T>("GET", path).catch(() => [] as T);

test.runIf(process.platform === "linux")(
  "each alert comes to each browser once, though the relay is killed between the first browser and the next",
  { timeout: 420_000 },
  async () => {
    const { public_key: key } = await platform.call<{ public_key: string }>("GET", "/push-key");
    const browsers = [push.browser(key), push.browser(key), push.browser(key)];
    for (const { subscription } of browsers) await platform.call("POST", "/push-subscriptions", subscription);
    const { id: place } = await platform.call<{ id: number }>("POST", "/locations", { name: "Shelves" });
    const { id: item } = await platform.call<{ id: number }>("POST", "/items", { sku: "s1", name: "Goods" });
    const stock = { item_id: item, location_id: place, quantity: 5 };
    const { id } = await platform.call<{ id: number }>("POST", "/inventory-items", stock);
    const rule = await platform.call<{ id: number }>("POST", "/notification-rules", {
      ...{ name: "Empty shelves", types: ["out_of_stock"], channel: "push", target: "admin", location_ids: [place] },
    });
    const receipts = async () => (await db.pool.query("SELECT FROM push_receipts")).rowCount;
    // One message has come whole and is not accepted when the relay is killed; that the two others have accepted is written down.
    let killed = 0;
    push.accepts = async () => {
      if (killed > 0) return true;
      killed += 1;
      await expect.poll(receipts, WAIT).toBe(2);
      process.kill(await pidOf(platform, "api"), "SIGKILL");
      return false;
    };
    await platform.call("PUT", `/inventory-items/${id}`, { quantity: 0 });
    const numbers = () => browsers.map(({ received }) => received.length);
    const sent = () => read(`/notification-rules/${rule.id}/deliveries`);
    await expect.poll(sent, WAIT).toMatchObject([{ state: "sent", response: "accepted for 3 browsers" }]);
    expect(killed).toBe(1);
    expect(push.faults).toEqual([]);
    expect(numbers()).toEqual([1, 1, 1]);
    // Nothing comes again after another restart.
    process.kill(await pidOf(platform, "api"), "SIGKILL");
    const test = () =>
      platform.call("POST", `/notification-rules/${rule.id}/test`).then(
        () => true,
        () => false,
      );
    await expect.poll(test, WAIT).toBe(true);
    await expect.poll(numbers, WAIT).toEqual([2, 2, 2]);
  },
);
